import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  apply,
  askFromNode,
  askFromPod,
  eventually,
  figure,
  get,
  helm,
  kubectl,
  type Pod,
  podOf,
  pods,
  rolledOut,
} from "./bed.ts";

const cni = (enabled: boolean) =>
  helm("upgrade", "weft", "charts/weft", "-n", "istio-system", "--reuse-values", "--set", `cni.enabled=${enabled}`);
const name = "redirected";
const confDir = "/etc/cni/net.d";
const confFile = () => join(confDir, readdirSync(confDir).find((file) => file.endsWith(".conflist")) ?? "");
const plugins = (): string[] =>
  JSON.parse(readFileSync(confFile(), "utf8")).plugins.map(({ type }: { type: string }) => type);
const agentIsReady = () => kubectl(["rollout", "status", "-n", "istio-system", "daemonset/weft-cni", "--timeout=120s"]);

const web = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: {
        terminationGracePeriodSeconds: 1,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            ...{ name: "web", image: "docker.io/weft/bookinfo:latest", imagePullPolicy: "IfNotPresent" },
            command: ["/usr/local/bin/node", "-e", 'require("http").createServer((q, a) => a.end("web")).listen(8000)'],
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          },
        ],
      },
    },
  },
};

/** Who is redirected and wants mutual TLS refuses plain text on the application's port; who is not redirected answers "web". */
const plain = async ({ status: { podIP } }: Pod) => (await askFromNode(`http://${podIP}:8000/`)).status;

beforeAll(async () => {
  await cni(true);
  await agentIsReady();
  // Kubernetes itself refuses whatever needs a privilege.
  const injected = { "istio-injection": "enabled", "pod-security.kubernetes.io/enforce": "restricted" };
  await apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name, labels: injected } }]);
  await eventually("it has an account", async () => (await kubectl(["get", "serviceaccounts", "-n", name])) !== "");
  const strict = { metadata: { name: "default" }, spec: { mtls: { mode: "STRICT" } } };
  const service = {
    metadata: { name: "web" },
    spec: { selector: { app: "web" }, ports: [{ name: "http", port: 8000 }] },
  };
  const objects = [
    { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", ...strict },
    { apiVersion: "v1", kind: "Service", ...service },
  ];
  await apply(objects, name);
  // The control plane reads its settings within moments.
  await eventually("Pods are left to the plugin", async () => {
    const { spec } = JSON.parse(
      await kubectl(["create", "-n", name, "--dry-run=server", "-o", "json", "-f", "-"], JSON.stringify(pod)),
    ) as Pod;
    return spec.initContainers?.map((each) => each.name).join() === "istio-proxy";
  });
  await apply([web], name);
  await rolledOut(name, "web");
});
afterAll(async () => {
  // Also where a test failed: what comes after is redirected by init containers.
  await cni(false);
  await kubectl(["delete", "namespace", name, "--wait=false"]);
});

const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "trial" }, spec: web.spec.template.spec };

describe("with the CNI plugin", () => {
  it("the agent has two capabilities and is not privileged", async () => {
    const { items } = await get<{ items: readonly { spec: { containers: readonly { securityContext: object }[] } }[] }>(
      ...["pods", "-n", "istio-system", "-l", "k8s-app=weft-cni"],
    );
    expect(items[0]?.spec.containers.map(({ securityContext }) => securityContext)).toMatchObject([
      {
        privileged: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"], add: ["SYS_ADMIN", "NET_ADMIN"] },
      },
    ]);
  });

  it("a Pod without any privilege has mutual TLS", async () => {
    const made = await podOf(name, "app=web");
    expect(JSON.stringify(made.spec)).not.toContain("NET_ADMIN");
    expect(made.spec.initContainers?.map((each) => each.name)).toEqual(["istio-proxy"]);
    expect(await plain(made)).toBe("ECONNRESET");
    const url = `http://web.${name}:8000/`;
    await eventually("it answers those of the mesh", async () => {
      const { status, body } = await askFromPod(name, made.metadata.name, url);
      return status === 200 && body === "web";
    });
  });

  it("no Pod starts unredirected while the agent is replaced", async () => {
    await kubectl(["scale", "-n", name, "deployment/web", "--replicas=10"]);
    await kubectl(["delete", "pod", "-n", "istio-system", "-l", "k8s-app=weft-cni", "--wait=false"]);
    await rolledOut(name, "web");
    await agentIsReady();
    const started = await pods(name, "app=web");
    expect(started).toHaveLength(10);
    for (const each of started) expect(await plain(each)).toBe("ECONNRESET");
    await kubectl(["scale", "-n", name, "deployment/web", "--replicas=1"]);
  });

  it("a Pod that got in without the plugin starts nothing until it is redirected", async () => {
    const nowhere = (to: object | null) =>
      kubectl([
        ...["patch", "daemonset", "-n", "istio-system", "weft-cni", "--type=merge", "-p"],
        JSON.stringify({ spec: { template: { spec: { nodeSelector: to } } } }),
      ]);
    await nowhere({ "weft.test/nowhere": "true" });
    await eventually("the agent has ended", async () => (await pods("istio-system", "k8s-app=weft-cni")).length === 0);
    expect(plugins()).toContain("weft-cni");
    const list = JSON.parse(readFileSync(confFile(), "utf8"));
    const without = list.plugins.filter(({ type }: { type: string }) => type !== "weft-cni");
    writeFileSync(confFile(), JSON.stringify({ ...list, plugins: without }));
    const early = { ...pod, metadata: { name: "early", labels: { app: "early" } } };
    await apply([early], name);
    await eventually("its proxy runs", async () => {
      const [{ status } = { status: undefined }] = await pods(name, "app=early");
      return status?.initContainerStatuses?.[0]?.state.running !== undefined;
    });
    const [waiting] = await pods(name, "app=early");
    expect(waiting?.status.containerStatuses?.[0]?.state.running).toBeUndefined();
    const begun = performance.now();
    await nowhere(null);
    await agentIsReady();
    await kubectl(["wait", "-n", name, "pod/early", "--for=condition=Ready", "--timeout=90s"]);
    figure("agent back until a Pod that got in early is ready", ((performance.now() - begun) / 1000).toFixed(1), "s");
    expect(await plain(await podOf(name, "app=early"))).toBe("ECONNRESET");
    expect(
      await kubectl(["get", "events", "-n", name, "--field-selector=reason=RedirectedLate", "-o", "name"]),
    ).not.toBe("");
  });

  it("nothing of it is left on the node once it is uninstalled, and Pods stay redirected", async () => {
    await cni(false);
    await eventually("the chain is as before", async () => !plugins().includes("weft-cni"));
    await eventually("so is the folder of programs", async () => !readdirSync("/opt/cni/bin").includes("weft-cni"));
    expect(await plain(await podOf(name, "app=web"))).toBe("ECONNRESET");
  });
});
