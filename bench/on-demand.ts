import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, createServer, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { bootstrap } from "../src/agent/bootstrap.ts";
import { envoyNode, type ProxyNode } from "../src/agent/node.ts";
import { type EagerPolicy, eagerPolicies } from "../src/discovery/eager-policy.ts";
import { proxyOfNode } from "../src/discovery/node.ts";
import { proxyConfig, proxyKey } from "../src/discovery/resources/proxy.ts";
import { NodeSchema } from "../src/gen/envoy/config/core/v3/base_pb.js";
import { memoryCounters } from "../src/limits/memory.ts";
import { anonymous } from "../src/main/authentication.ts";
import { systemClock as clock } from "../src/main/clock.ts";
import { configSources } from "../src/main/config-sources.ts";
import { createControlPlane } from "../src/main/control-plane.ts";
import { ensureEnvoy } from "../src/main/envoy.ts";
import { jsonLog } from "../src/main/log.ts";
import { TYPE } from "../src/xds/type-url.ts";
import { writeMesh } from "./mesh.ts";
import { boundListener } from "./one-table.ts";
import { memoryMiB, sleep } from "./process.ts";

// A sidecar that may call 1,000 services and calls ten: what its Envoy holds and how long first requests take, with all of them from the start
// with none, and with a Sidecar that takes in the ten. Runs itself in a network namespace of its own, in which every address of the mesh is this machine's. See README.md.
if (process.env["WEFT_BENCH_INSIDE"] === undefined) {
  const script = 'ip link set lo up && ip route add local 10.0.0.0/8 dev lo && exec "$@"';
  const args = ["-rn", "sh", "-c", script, "sh", process.execPath, ...process.argv.slice(1)];
  const inside = spawnSync("unshare", args, { stdio: "inherit", env: { ...process.env, WEFT_BENCH_INSIDE: "1" } });
  process.exit(inside.status ?? 1);
}

const [services, called] = [Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 10)];
const port = 15080;
const folder = mkdtempSync(join(tmpdir(), "weft-on-demand-"));
const meshFolder = join(folder, "mesh");
writeMesh(meshFolder, { services, endpoints: 5 });
const envoy = await ensureEnvoy((line) => process.stderr.write(`${line}\n`));
const application = createServer((_, response) => response.end("ok")).listen(8080, "0.0.0.0");

const node: ProxyNode = {
  kind: "sidecar",
  ip: "127.0.0.1",
  name: "caller-0",
  namespace: "default",
  labels: { app: "caller" },
  annotations: {},
  serviceAccount: "default",
  workload: "caller",
  containers: [],
  ports: [],
  kubeCluster: "Kubernetes",
  meshId: "cluster.local",
  dnsDomain: "cluster.local",
  nodeName: "bench",
  locality: { region: "", zone: "", subzone: "" },
};

/** A Sidecar that takes in the services that are called, and no other. */
function sidecar(hosts: number): string {
  const named = Array.from({ length: hosts }, (_, i) => `./svc-${i}.default.svc.cluster.local`);
  const spec = { egress: [{ hosts: named }] };
  const metadata = { name: "default", namespace: "default" };
  return JSON.stringify({ apiVersion: "networking.istio.io/v1", kind: "Sidecar", metadata, spec });
}

/** Milliseconds of one request; -1 where it was no 200. */
function request(agent: Agent, service: number): Promise<number> {
  const begun = performance.now();
  const headers = { host: `svc-${service}.default.svc.cluster.local` };
  return new Promise((resolve) => {
    get({ host: "127.0.0.1", port, path: "/", agent, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode === 200 ? performance.now() - begun : -1));
    }).on("error", () => resolve(-1));
  });
}

async function admin(path: string): Promise<string> {
  return (await fetch(`http://127.0.0.1:15000${path}`)).text();
}

async function outboundClusters(): Promise<number> {
  const dump = JSON.parse(await admin("/config_dump?resource=dynamic_active_clusters&mask=cluster.name")) as {
    configs?: { cluster: { name: string } }[];
  };
  return (dump.configs ?? []).filter((c) => c.cluster.name.startsWith("outbound|")).length;
}

async function measure(eager: EagerPolicy, xdsPort: number, title = `--eager ${eager}`): Promise<void> {
  const log = jsonLog("error");
  const sources = configSources(
    { folders: [meshFolder], stateDir: join(folder, `state-${xdsPort}`), gateway: false },
    clock,
  );
  const plane = createControlPlane({
    counters: memoryCounters(clock),
    clock,
    log,
    trustDomain: "cluster.local",
    sources,
    authenticate: anonymous,
    eager,
  });
  await plane.start();
  await plane.listen({ host: "127.0.0.1", port: xdsPort });
  while (!plane.discovery.synced) await sleep(10);
  const wire = fromJson(NodeSchema, envoyNode(node) as JsonValue, { ignoreUnknownFields: true });
  const proxy = proxyOfNode(wire, {}, "cluster.local");
  if ("refused" in proxy) throw new Error(proxy.refused);
  const listeners = plane.discovery.tracker.ask(proxyConfig, proxyKey(proxy, eager)).get(TYPE.listener)?.resources;
  const config = bootstrap(node, {
    xds: { address: "127.0.0.1", port: xdsPort },
    admin: { address: "127.0.0.1", port: 15000 },
    listen: { anyone: "127.0.0.1", self: "127.0.0.1" },
  }) as { static_resources: { listeners: unknown[] } };
  config.static_resources.listeners.push(boundListener(listeners ?? new Map(), port));
  const file = join(folder, `${eager}.json`);
  writeFileSync(file, JSON.stringify(config));
  const args = ["-c", file, "--disable-hot-restart", "--concurrency", "1", "-l", "error"];
  const begun = performance.now();
  const child: ChildProcess = spawn(envoy, args, { stdio: ["ignore", "inherit", "inherit"] });
  const ready = async () => (await admin("/ready").catch(() => "")) === "LIVE\n";
  while (!(await ready())) await sleep(20);
  const started = performance.now() - begun;
  await sleep(2000);
  const before = { rss: memoryMiB(child.pid as number, "VmRSS"), clusters: await outboundClusters() };
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[][] = [[], []];
  for (const round of times) for (let i = 0; i < called; i++) round.push(await request(agent, i));
  const [first = [], next = []] = times.map((round) => round.toSorted((a, b) => a - b));
  const ms = (round: number[]) => `${round[round.length >> 1]?.toFixed(1)} ms (at most ${round.at(-1)?.toFixed(1)})`;
  const failed = times.flat().filter((time) => time < 0).length;
  process.stdout.write(
    `${title.padEnd(12)} ready after ${started.toFixed(0)} ms, ${before.clusters} clusters, RSS ${before.rss.toFixed(0)} MiB; ` +
      `${called} services called: first requests ${ms(first)}, next ${ms(next)}, ${failed} failed; ` +
      `${await outboundClusters()} clusters, RSS ${memoryMiB(child.pid as number, "VmRSS").toFixed(0)} MiB\n`,
  );
  agent.destroy();
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill();
  await gone;
  await plane.stop();
}

try {
  for (const [i, eager] of eagerPolicies.entries()) await measure(eager, 15010 + i);
  writeFileSync(join(meshFolder, "sidecar.yaml"), sidecar(called));
  await measure("all", 15020, "a Sidecar");
} finally {
  application.close();
  rmSync(folder, { recursive: true });
}
process.exit();
