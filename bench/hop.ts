import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { proxyMark } from "../src/agent/bootstrap.ts";
import { systemClock as clock } from "../src/main/clock.ts";
import { ensureEnvoy } from "../src/main/envoy.ts";
import { openIdentities } from "../src/main/identity-authority.ts";
import { jsonLog } from "../src/main/log.ts";
import { systemRandom as random } from "../src/main/random.ts";
import { up } from "../src/main/up.ts";
import { answering, type BareOptions, bareClient, bareServer } from "./bare-pair.ts";
import { cpuSeconds, median, memoryMiB, processesOf, sleep } from "./process.ts";

// One hop through two sidecars, as `weft up` configures them, beside the same hop through a bare pair of Envoys in the same two network
// namespaces; to a server whose metrics are off (`unread`); and from one workload without traces to another (`untraced`). In turns. Root only. See
// README.md.
const rounds = Number(process.argv[2] ?? 5);
const seconds = Number(process.argv[3] ?? 5);
const basePort = Number(process.argv[4] ?? 24100);
const loads = (process.argv[5] ?? "light,saturated").split(",");
const [bareIn, bareBetween, application] = [basePort, basePort + 1, 8080];

const folder = mkdtempSync(join(tmpdir(), "weft-hop-"));
const envoy = await ensureEnvoy((line) => process.stderr.write(`${line}\n`));
const children: ChildProcess[] = [];
const meshFolder = join(folder, "mesh");
mkdirSync(meshFolder);
writeFileSync(join(folder, "app.json"), JSON.stringify(answering(application, 1024)));
writeFileSync(join(meshFolder, "mesh.yaml"), meshYaml());
const mesh = await up(
  {
    folders: [meshFolder],
    name: "hop",
    stateDir: join(folder, "state"),
    registryDir: join(folder, "registry"),
    httpPort: basePort + 2,
    httpsPort: basePort + 3,
    consolePort: basePort + 4,
    signal: new AbortController().signal,
  },
  { workloads() {}, note: (line) => process.stderr.write(`${line}\n`), end() {} },
);
try {
  await measure();
} finally {
  for (const child of children) child.kill();
  await mesh.stop();
  rmSync(folder, { recursive: true });
}
process.exit();

function meshYaml(): string {
  const command = `${envoy} -c ${join(folder, "app.json")} --disable-hot-restart --concurrency 1 -l off`;
  const telemetry = (name: string, spec: string) => `apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: ${name}}
spec: {selector: {matchLabels: {hop: ${name}}}, ${spec}}
---
`;
  const deployment = (name: string, run: string, rest: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata:
      labels: {app: ${name}, version: v1, hop: ${name.split("-")[0]}}
      annotations: {weft.dev/run: "${run}", traffic.sidecar.istio.io/excludeInboundPorts: "${bareBetween}"}
    spec: {containers: [{name: ${name}${rest}}]}
---
`;
  const service = (
    name: string,
  ) => `${deployment(name, command, `, ports: [{containerPort: ${application}}]`)}apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{name: http, port: ${application}}]}
---
`;
  return [
    ...["caller", "untraced-caller"].map((name) => deployment(name, "sleep 100000", "")),
    ...["server", "unread-server", "untraced-server"].map(service),
    telemetry("unread", "metrics: [{overrides: [{match: {mode: SERVER}, disabled: true}]}]"),
    telemetry("untraced", "tracing: [{disableSpanReporting: true}]"),
  ].join("");
}

/** The sidecar of a workload: its process, by the bootstrap that it was started with. */
function sidecar(workload: string): number {
  const found = processesOf(envoy, folder, "bootstrap.json").filter((pid) => {
    const bootstrap = readFileSync(`/proc/${pid}/cmdline`, "utf8")
      .split("\0")
      .find((word) => word.endsWith("bootstrap.json"));
    return readFileSync(bootstrap as string, "utf8").includes(`~${workload}-`);
  });
  if (found[0] === undefined) throw new Error(`no sidecar of ${workload} runs`);
  return found[0];
}

async function bare(name: string, besides: number, config: unknown): Promise<number> {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(config));
  const args = [
    "-t",
    String(besides),
    "-n",
    "--",
    envoy,
    "-c",
    file,
    "--disable-hot-restart",
    "--concurrency",
    "1",
    "-l",
    "error",
  ];
  children.push(spawn("nsenter", args, { stdio: ["ignore", "inherit", "inherit"] }));
  for (;;) {
    const [pid] = processesOf(envoy, file).filter((p) => readFileSync(`/proc/${p}/comm`, "utf8").startsWith("envoy"));
    if (pid !== undefined) return pid;
    await sleep(50);
  }
}

async function measure(): Promise<void> {
  const [client, server, plain] = [sidecar("caller"), sidecar("server"), sidecar("untraced-caller")];
  const identities = await openIdentities(join(folder, "state"), "cluster.local", {
    clock,
    random,
    log: jsonLog("error"),
  });
  const identity = { trustDomain: "cluster.local", namespace: "default", serviceAccount: "default" };
  const { key, chain } = await identities.authority.issue(identity);
  const options: BareOptions = {
    certificate: { key: key.pem(), chain },
    roots: identities.authority.roots.join(""),
    mark: proxyMark,
  };
  const ip =
    /~([\d.]+)~server-/.exec(readFileSync(`/proc/${server}/cmdline`, "utf8"))?.[1] ?? (await addressOf(server));
  const bareServerPid = await bare("bare-server", server, bareServer(options, bareBetween, application));
  const bareClientPid = await bare("bare-client", client, bareClient(options, bareIn, { ip, port: bareBetween }));
  await sleep(1500);
  const to = (name: string) => `http://${name}.default.svc.cluster.local:${application}/`;
  const pairs: Record<string, Pair> = {
    bare: { from: client, pids: [bareClientPid, bareServerPid], url: `http://127.0.0.1:${bareIn}/` },
    mesh: { from: client, pids: [client, server], url: to("server") },
    unread: { from: client, pids: [client, sidecar("unread-server")], url: to("unread-server") },
    untraced: { from: plain, pids: [plain, sidecar("untraced-server")], url: to("untraced-server") },
  };
  for (const { from, url } of Object.values(pairs)) await wrk(from, url, 1, 0);
  for (const load of loads) {
    const delay = load === "light" ? 30 : 0;
    const runs: Record<string, Run[]> = Object.fromEntries(Object.keys(pairs).map((name) => [name, []]));
    for (let i = 0; i < rounds; i++)
      for (const [name, pair] of Object.entries(pairs)) runs[name]?.push(await run(pair, delay));
    report(load, runs);
  }
  for (const [name, { pids }] of Object.entries(pairs))
    process.stdout.write(`RSS ${name}: ${pids.map((pid) => memoryMiB(pid, "VmRSS").toFixed(0)).join(" + ")} MiB\n`);
}

async function addressOf(pid: number): Promise<string> {
  const { stdout } = await promisify(execFile)("nsenter", ["-t", String(pid), "-n", "ip", "-4", "-j", "addr"]);
  const all = JSON.parse(stdout) as { ifname: string; addr_info: { local: string }[] }[];
  return all.find((link) => link.ifname !== "lo")?.addr_info[0]?.local ?? "";
}

interface Pair {
  /** Process in whose network namespace the load is made. */
  readonly from: number;
  /** The client's proxy, and the server's. */
  readonly pids: readonly number[];
  readonly url: string;
}

interface Run {
  readonly client: number;
  readonly server: number;
  readonly rps: number;
  readonly p50: number;
  readonly p99: number;
}

/** CPU of both proxies in microseconds a request, requests a second, milliseconds. */
async function run({ from, pids, url }: Pair, delay: number): Promise<Run> {
  const before = pids.map(cpuSeconds);
  const { requests, rps, p50, p99 } = await wrk(from, url, seconds, delay);
  const [client = 0, server = 0] = pids.map((pid, i) => ((cpuSeconds(pid) - (before[i] ?? 0)) * 1e6) / requests);
  return { client, server, rps, p50, p99 };
}

/** wrk with 32 connections and one thread; `delay`: milliseconds that each connection waits between requests. */
async function wrk(inside: number, url: string, seconds: number, delay: number) {
  const script = join(folder, "wrk.lua");
  writeFileSync(
    script,
    `${delay > 0 ? `function delay() return math.random(${delay * 2}) end\n` : ""}function done(s, l)
  print(string.format('{"requests":%d,"failed":%d,"us":%d,"p50":%f,"p99":%f}', s.requests,
    s.errors.status + s.errors.connect + s.errors.read + s.errors.timeout, s.duration, l:percentile(50) / 1000, l:percentile(99) / 1000))
end`,
  );
  const args = ["-t", String(inside), "-n", "-m", "--", "wrk", "-t1", "-c32", `-d${seconds}s`, "-s", script, url];
  const { stdout } = await promisify(execFile)("nsenter", args);
  const said = JSON.parse(stdout.split("\n").find((line) => line.startsWith("{")) ?? "{}") as Record<string, number>;
  const { requests = 0, failed = 0, us = 1, p50 = 0, p99 = 0 } = said;
  if (failed > 0 || requests === 0) throw new Error(`${url}: ${failed} of ${requests} requests failed\n${stdout}`);
  return { requests, rps: requests / (us / 1e6), p50, p99 };
}

function report(load: string, runs: Record<string, Run[]>): void {
  const of = (name: string, field: keyof Run) => median((runs[name] ?? []).map((one) => one[field]));
  const sum = (one: Run) => one.client + one.server;
  const names = Object.keys(runs);
  for (const name of names)
    process.stdout.write(
      `${load.padEnd(10)} ${name.padEnd(9)} ${of(name, "client").toFixed(1)} + ${of(name, "server").toFixed(1)} us  ${of(name, "rps").toFixed(0)} requests/s  p50 ${of(name, "p50").toFixed(2)} ms  p99 ${of(name, "p99").toFixed(2)} ms\n`,
    );
  const ratios = (name: string, to: string, part: (one: Run) => number) => {
    const all = (runs[name] ?? []).map((one, i) => part(one) / part(runs[to]?.[i] as Run));
    return `${median(all).toFixed(2)} (${all.map((r) => r.toFixed(2)).join(" ")})`;
  };
  process.stdout.write(`${load.padEnd(10)} mesh to bare ${ratios("mesh", "bare", sum)}\n`);
  for (const name of names.slice(2))
    process.stdout.write(
      `${load.padEnd(10)} ${name} to mesh ${ratios(name, "mesh", sum)}; the server's proxy alone ${ratios(name, "mesh", (one) => one.server)}; p50 ${ratios(name, "mesh", (one) => one.p50)}\n`,
    );
}
