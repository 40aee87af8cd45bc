import { spawn } from "node:child_process";
import { Agent, request } from "node:https";
import { fileURLToPath } from "node:url";
import { ownApiServer } from "../test/kubernetes/api-server.ts";

// Objects to synced: an API server with so many Services, each with an EndpointSlice and two Pods, is read by a process of its own: the source alone,
// then a control plane with it.
const sizes = (process.argv[2] ?? "1000,10000").split(",").map(Number);
const reader = fileURLToPath(new URL("kubernetes-source-reader.ts", import.meta.url));
const api = await ownApiServer();
const agent = new Agent({ keepAlive: true, maxSockets: 32, rejectUnauthorized: false });
let made = 0;
await write("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "bench" } });
for (const name of ["default", "shop"])
  await write("/api/v1/namespaces/bench/serviceaccounts", {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name },
  });
process.stdout.write(
  "| Services | objects | of what | s to synced | s of CPU | RSS MiB | peak RSS MiB | heap MiB |\n|---|---|---|---|---|---|---|---|\n",
);
for (const size of sizes) {
  await populate(size);
  for (const what of ["nothing", "source", "plane"])
    process.stdout.write(`| ${size} | ${4 * size} | ${await measured(what)} |\n`);
}
agent.destroy();
await api.close();

/** Makes Services up to so many, many at a time. */
async function populate(size: number): Promise<void> {
  const one = async () => {
    while (made < size) {
      const n = made++;
      for (const [path, object] of objectsOf(n)) await write(path, object);
    }
  };
  await Promise.all(Array.from({ length: 32 }, one));
}

function objectsOf(n: number): readonly (readonly [string, object])[] {
  const app = `service-${n}`;
  const hash = (n * 2654435761).toString(16).slice(0, 9);
  const ips = [0, 1].map((i) => `10.${Math.floor(n / 16384) + 1}.${Math.floor(n / 64) % 256}.${(n % 64) * 2 + i}`);
  const pods = ips.map((ip, i) => pod(`${app}-${hash}-${i}abcd`, app, hash, ip));
  const root = (plural: string) => `/api/v1/namespaces/bench/${plural}`;
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: app, labels: { app } },
    spec: { selector: { app }, clusterIP: "None", ports: [{ name: "http", port: 80, targetPort: 8080 }] },
  };
  const slice = {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${app}-x`, labels: { "kubernetes.io/service-name": app, app } },
    addressType: "IPv4",
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
    endpoints: pods.map(({ metadata, status }) => ({
      addresses: [status.podIP],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: "node-1",
      zone: "zone-1",
      targetRef: { kind: "Pod", name: metadata.name, namespace: "bench", uid: "0b1c" },
    })),
  };
  return [
    [root("services"), service],
    ...pods.flatMap(({ status, ...whole }) => [
      [root("pods"), whole] as const,
      [`${root("pods")}/${whole.metadata.name}/status`, { ...whole, status }] as const,
    ]),
    ["/apis/discovery.k8s.io/v1/namespaces/bench/endpointslices", slice],
  ];
}

/** As large as Pods with a sidecar are. */
function pod(name: string, app: string, hash: string, ip: string) {
  const env = Array.from({ length: 20 }, (_, i) => ({ name: `SETTING_${i}`, value: `value of setting ${i}` }));
  const container = (of: string) => ({
    name: of,
    image: `registry.example.org/${of}:1.2.3`,
    env,
    ports: [{ name: of === "app" ? "http" : "metrics", containerPort: of === "app" ? 8080 : 15090 }],
    resources: { requests: { cpu: "10m", memory: "40Mi" } },
    readinessProbe: { httpGet: { path: "/ready", port: 8080 } },
  });
  const labels = { app, version: "v1", "pod-template-hash": hash, "security.istio.io/tlsMode": "istio" };
  const annotations = {
    "sidecar.istio.io/status": JSON.stringify({ containers: ["istio-proxy"], revision: "default" }),
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "bench", labels, annotations },
    spec: { nodeName: "node-1", serviceAccountName: "shop", containers: [container("app"), container("istio-proxy")] },
    status: {
      phase: "Running",
      podIP: ip,
      podIPs: [{ ip }],
      conditions: ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map((type) => ({ type, status: "True" })),
    },
  };
}

function write(path: string, object: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const method = path.endsWith("/status") ? "PUT" : "POST";
    const headers = { authorization: "Bearer admin-token", "content-type": "application/json" };
    const outgoing = request(`${api.url}${path}`, { agent, method, headers }, (answer) => {
      answer.resume();
      if ((answer.statusCode ?? 500) < 300) answer.once("end", resolve);
      else reject(new Error(`${path}: ${answer.statusCode}`));
    });
    outgoing.once("error", reject);
    outgoing.end(JSON.stringify(object));
  });
}

async function measured(what: string): Promise<string> {
  const flags = ["--expose-gc", "--max-semi-space-size=16"];
  const child = spawn(process.execPath, [...flags, reader, api.kubeconfig, what], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let line = "";
  for await (const chunk of child.stdout) line += chunk;
  return line.trim();
}
