import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { bootstrap } from "../src/agent/bootstrap.ts";
import { envoyNode, type ProxyNode } from "../src/agent/node.ts";
import { proxyOfNode } from "../src/discovery/node.ts";
import { proxyConfig, proxyKey } from "../src/discovery/resources/proxy.ts";
import { NodeSchema } from "../src/gen/envoy/config/core/v3/base_pb.js";
import { memoryCounters } from "../src/limits/memory.ts";
import { systemClock as clock } from "../src/main/clock.ts";
import { configSources } from "../src/main/config-sources.ts";
import { createControlPlane } from "../src/main/control-plane.ts";
import { ensureEnvoy } from "../src/main/envoy.ts";
import { openIdentities } from "../src/main/identity-authority.ts";
import { jsonLog } from "../src/main/log.ts";
import { systemRandom as random } from "../src/main/random.ts";
import { secretsOf } from "../src/main/secrets.ts";
import { TYPE } from "../src/xds/type-url.ts";
import { answeringRoute, writeMesh } from "./mesh.ts";
import { boundListener, oneTable, tableProxy } from "./one-table.ts";
import { mainThreadSeconds, median, memoryMiB, sleep } from "./process.ts";

// One VirtualService edited among 1,000: what it costs the main thread of a real Envoy, and how long from the push until a request shows it;
// beside it the same routes as one table, as Istio serves them. Runs itself in a network namespace of its own. See README.md.
if (process.env["WEFT_BENCH_INSIDE"] === undefined) {
  const script = 'ip link set lo up && exec "$@"';
  const args = ["-rn", "sh", "-c", script, "sh", process.execPath, ...process.argv.slice(1)];
  const inside = spawnSync("unshare", args, { stdio: "inherit", env: { ...process.env, WEFT_BENCH_INSIDE: "1" } });
  process.exit(inside.status ?? 1);
}

const [services, rounds] = [Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 20)];
// Flushed each second, as a sidecar does it, statistics of 6,000 clusters drown an edit; `1` shows what they cost.
const flush = `${process.argv[4] ?? 60}s`;
const ports = { xds: 15010, scoped: 15080, table: 15081 };
const folder = mkdtempSync(join(tmpdir(), "weft-edit-"));
const envoy = await ensureEnvoy((line) => process.stderr.write(`${line}\n`));
const children: ChildProcess[] = [];
const name = "svc-7";
const meshFolder = join(folder, "mesh");
writeMesh(meshFolder, { services, endpoints: 5 });

const log = jsonLog("error");
const { authority } = await openIdentities(folder, "cluster.local", { clock, random, log });
const identity = { trustDomain: "cluster.local", namespace: "default", serviceAccount: "default" };
const secrets = secretsOf({ authority, clock, random, log });
const plane = createControlPlane({
  counters: memoryCounters(clock),
  clock,
  log,
  trustDomain: "cluster.local",
  sources: configSources({ folders: [meshFolder], stateDir: folder, gateway: false }, clock),
  secrets,
  authenticate: async () => ({ peer: { identity } }),
});
await plane.start();
await plane.listen({ host: "127.0.0.1", port: ports.xds });

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

/** Starts an Envoy; answers its process id. */
function start(what: string, config: unknown): number {
  const file = join(folder, `${what}.json`);
  writeFileSync(file, JSON.stringify(config));
  const args = ["-c", file, "--disable-hot-restart", "--concurrency", "1", "-l", "error"];
  const child = spawn(envoy, args, { stdio: ["ignore", "inherit", "inherit"] });
  children.push(child);
  return child.pid as number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** What the edited service answers now: the route answers by itself, so that no application is needed. */
function answer(port: number): Promise<string> {
  return new Promise((resolve) => {
    const headers = { host: `${name}.default.svc.cluster.local` };
    get({ port, host: "127.0.0.1", path: "/", agent, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        body += part;
      });
      response.on("end", () => resolve(body));
    }).on("error", () => resolve(""));
  });
}

async function shows(port: number, wanted: string): Promise<void> {
  const end = Date.now() + 60_000;
  while ((await answer(port)) !== wanted) {
    if (Date.now() > end) throw new Error(`port ${port} never showed ${wanted}`);
    await sleep(0);
  }
}

interface Edit {
  readonly cpu: number;
  readonly effective: number;
  /** How long `cpu` was counted. */
  readonly window: number;
}

/** `push` makes the edit and answers when it was pushed, in milliseconds of performance.now(). */
async function edits(pid: number, port: number, push: (mark: string) => Promise<number>): Promise<Edit[]> {
  const all: Edit[] = [];
  for (let i = 0; i < rounds; i++) {
    await sleep(300);
    const text = `${port}-${i}-`;
    const [before, since] = [mainThreadSeconds(pid), performance.now()];
    const pushedAt = await push(text);
    await shows(port, text);
    const effective = performance.now() - pushedAt;
    await sleep(150);
    all.push({ cpu: (mainThreadSeconds(pid) - before) * 1000, effective, window: performance.now() - since });
  }
  return all;
}

/** What the main thread uses while nothing is edited, in milliseconds a second. */
async function atRest(pid: number): Promise<number> {
  const [before, since] = [mainThreadSeconds(pid), performance.now()];
  await sleep(4000);
  return ((mainThreadSeconds(pid) - before) * 1e6) / (performance.now() - since);
}

/** Writes the edited VirtualService into the watched folder, whole. */
function save(text: string): void {
  const file = join(meshFolder, `${name}.yaml`);
  const [entry, , rule] = readFileSync(file, "utf8").split("---\n");
  writeFileSync(`${folder}/edited`, [entry, answeringRoute(name, text), rule].join("---\n"));
  renameSync(`${folder}/edited`, file);
}

/** Resolves when the control plane has pushed: its clock, not the watcher's. */
function pushed(): Promise<number> {
  const before = plane.discovery.proxies()[0]?.config;
  return new Promise((resolve) => {
    const stop = plane.discovery.onChange(() => {
      if (plane.discovery.proxies()[0]?.config === before) return;
      stop();
      resolve(performance.now());
    });
  });
}

function report(what: string, all: readonly Edit[], rest: number, pid: number): void {
  const cpu = median(all.map((one) => one.cpu - (rest * one.window) / 1000));
  const effective = median(all.map((one) => one.effective));
  process.stdout.write(
    `${what.padEnd(14)} main thread ${cpu.toFixed(2)} ms (at rest ${rest.toFixed(1)} ms a second)  push to effective ${effective.toFixed(1)} ms  RSS ${memoryMiB(pid, "VmRSS").toFixed(0)} MiB\n`,
  );
}

try {
  save("first");
  while (!plane.discovery.synced) await sleep(10);
  const proxy = proxyOfNode(
    fromJson(NodeSchema, envoyNode(node) as JsonValue, { ignoreUnknownFields: true }),
    { identity },
    "cluster.local",
  );
  if ("refused" in proxy) throw new Error(proxy.refused);
  const wanted = plane.discovery.tracker.ask(proxyConfig, proxyKey(proxy));
  const listeners = wanted.get(TYPE.listener)?.resources ?? new Map();
  const base = bootstrap(node, {
    xds: { address: "127.0.0.1", port: ports.xds },
    admin: { address: "127.0.0.1", port: 15000 },
    listen: { anyone: "127.0.0.1", self: "127.0.0.1" },
  }) as { stats_flush_interval: string; static_resources: { listeners: unknown[] } };
  base.stats_flush_interval = flush;
  base.static_resources.listeners.push(boundListener(listeners, ports.scoped));
  const scoped = start("scoped", base);
  await shows(ports.scoped, "first");
  const tableFile = join(folder, "table.pb");
  const writeTable = () => {
    const routes = plane.discovery.proxies()[0]?.config.get(TYPE.route)?.resources.values() ?? [];
    writeFileSync(`${tableFile}.new`, oneTable(routes, "80|"));
    renameSync(`${tableFile}.new`, tableFile);
  };
  writeTable();
  const clusters = plane.discovery.proxies()[0]?.config.get(TYPE.cluster)?.resources.keys() ?? [];
  const table = start("table", { ...tableProxy(ports.table, tableFile, [...clusters]), stats_flush_interval: flush });
  await shows(ports.table, "first");
  await sleep(3000);
  const scopedEdits = await edits(scoped, ports.scoped, async (text) => {
    const done = pushed();
    save(text);
    return done;
  });
  report("scoped routes", scopedEdits, await atRest(scoped), scoped);
  const tableEdits = await edits(table, ports.table, async (text) => {
    const done = pushed();
    save(text);
    await done;
    writeTable();
    return performance.now();
  });
  report("one table", tableEdits, await atRest(table), table);
} finally {
  for (const child of children) child.kill();
  await plane.stop();
  rmSync(folder, { recursive: true });
}
process.exit();
