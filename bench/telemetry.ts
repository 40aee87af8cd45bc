import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureEnvoy } from "../src/main/envoy.ts";
import { up } from "../src/main/up.ts";
import { answering } from "./bare-pair.ts";
import { cpuSeconds, median, memoryMiB, processesOf, sleep } from "./process.ts";

// What telemetry costs per 1,000 requests a second through two sidecars and at the control plane: four pairs of workloads in one mesh, each pair with one
// thing more than the one before, in turns. Root only. See README.md.
const rounds = Number(process.argv[2] ?? 5);
const seconds = Number(process.argv[3] ?? 5);
const basePort = Number(process.argv[4] ?? 24400);
const application = 8080;

/** What a Telemetry of each pair says, and of how many requests one fails, to be told and kept; 0: none. */
const stages: Readonly<Record<string, { readonly says?: string; readonly failing: number }>> = {
  silent: {
    says: "metrics: [{overrides: [{match: {metric: ALL_METRICS}, disabled: true}]}], tracing: [{disableSpanReporting: true}]",
    failing: 0,
  },
  metrics: { says: "tracing: [{disableSpanReporting: true}]", failing: 0 },
  traces: { failing: 0 },
  records: { failing: 20 },
};

const folder = mkdtempSync(join(tmpdir(), "weft-cost-"));
const envoy = await ensureEnvoy((line) => process.stderr.write(`${line}\n`));
const meshFolder = join(folder, "mesh");
mkdirSync(meshFolder);
writeFileSync(join(folder, "app.json"), JSON.stringify(applicationConfig()));
writeFileSync(join(meshFolder, "mesh.yaml"), Object.keys(stages).map(stageYaml).join(""));
const mesh = await up(
  {
    folders: [meshFolder],
    name: "cost",
    stateDir: join(folder, "state"),
    registryDir: join(folder, "registry"),
    httpPort: basePort,
    httpsPort: basePort + 1,
    consolePort: basePort + 2,
    signal: new AbortController().signal,
  },
  { workloads() {}, note: (line) => process.stderr.write(`${line}\n`), end() {} },
);
try {
  await measure();
} finally {
  await mesh.stop();
  rmSync(folder, { recursive: true });
}
process.exit();

/** Answers with 1 KiB, and at /fail with 500, which nobody tries again. */
function applicationConfig(): unknown {
  return JSON.parse(JSON.stringify(answering(application, 1024)), (key, value) =>
    key === "routes" ? [{ match: { path: "/fail" }, direct_response: { status: 500 } }, ...value] : value,
  );
}

function stageYaml(name: string): string {
  const command = `${envoy} -c ${join(folder, "app.json")} --disable-hot-restart --concurrency 1 -l off`;
  const deployment = (role: string, run: string, ports: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}-${role}}
spec:
  selector: {matchLabels: {app: ${name}-${role}}}
  template:
    metadata: {labels: {app: ${name}-${role}, cost: ${name}}, annotations: {weft.dev/run: "${run}"}}
    spec: {containers: [{name: main${ports}}]}
---
`;
  const says = stages[name]?.says;
  return `${deployment("client", "sleep 100000", "")}${deployment("server", command, `, ports: [{containerPort: ${application}}]`)}apiVersion: v1
kind: Service
metadata: {name: ${name}-server}
spec: {selector: {app: ${name}-server}, ports: [{name: http, port: ${application}}]}
---
${
  says === undefined
    ? ""
    : `apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: ${name}}
spec: {selector: {matchLabels: {cost: ${name}}}, ${says}}
---
`
}`;
}

/** The sidecar of a workload: its process, by the bootstrap that it was started with. */
function sidecar(workload: string): number {
  const found = processesOf(envoy, folder, "bootstrap.json").find((pid) => {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    const bootstrap = words.find((word) => word.endsWith("bootstrap.json"));
    return readFileSync(bootstrap as string, "utf8").includes(`~${workload}-`);
  });
  if (found === undefined) throw new Error(`no sidecar of ${workload} runs`);
  return found;
}

/** CPU of each part in milliseconds for 1,000 requests: what 1,000 requests a second cost each second. */
interface Cost {
  readonly client: number;
  readonly server: number;
  readonly plane: number;
  readonly rps: number;
}

async function measure(): Promise<void> {
  const pairs = Object.fromEntries(
    Object.keys(stages).map((name) => [name, { client: sidecar(`${name}-client`), server: sidecar(`${name}-server`) }]),
  );
  for (const [name, pair] of Object.entries(pairs)) await wrk(name, pair.client, 1);
  const runs: Record<string, Cost[]> = Object.fromEntries(Object.keys(stages).map((name) => [name, []]));
  for (let i = 0; i < rounds; i++)
    for (const [name, pair] of Object.entries(pairs)) {
      const pids = [pair.client, pair.server, process.pid];
      const idle = cpuSeconds(process.pid);
      await sleep(seconds * 1000);
      const rest = cpuSeconds(process.pid) - idle;
      const before = pids.map(cpuSeconds);
      const { requests, rps } = await wrk(name, pair.client, seconds);
      const [client = 0, server = 0, plane = 0] = pids.map((pid, k) => cpuSeconds(pid) - (before[k] ?? 0));
      const each = (cpu: number) => (cpu * 1e6) / requests;
      runs[name]?.push({ client: each(client), server: each(server), plane: each(plane - rest), rps });
    }
  report(runs);
  for (const [name, { client, server }] of Object.entries(pairs))
    process.stdout.write(
      `${name.padEnd(8)} RSS ${memoryMiB(client, "VmRSS").toFixed(0)} + ${memoryMiB(server, "VmRSS").toFixed(0)} MiB\n`,
    );
  process.stdout.write(`control plane RSS ${memoryMiB(process.pid, "VmRSS").toFixed(0)} MiB\n`);
}

function report(runs: Readonly<Record<string, readonly Cost[]>>): void {
  const proxies = ({ client, server }: Cost) => client + server;
  for (const [name, all] of Object.entries(runs)) {
    const of = (field: keyof Cost) => median(all.map((one) => one[field])).toFixed(field === "rps" ? 0 : 1);
    const ratios = all.map((one, i) => proxies(one) / proxies(runs["silent"]?.[i] as Cost));
    process.stdout.write(
      `${name.padEnd(8)} client ${of("client")} ms, server ${of("server")} ms, control plane ${of("plane")} ms for 1,000 requests, at ${of("rps")} a second; proxies to silent ${median(ratios).toFixed(2)} (${ratios.map((r) => r.toFixed(2)).join(" ")})\n`,
    );
  }
}

/** wrk with 32 connections that wait 30 ms on average: some 1,000 requests a second. */
async function wrk(stage: string, inside: number, seconds: number): Promise<{ requests: number; rps: number }> {
  const failing = stages[stage]?.failing ?? 0;
  const script = join(folder, `${stage}.lua`);
  const request = `local n = 0
function request() n = n + 1; return wrk.format(nil, n % ${failing} == 0 and "/fail" or "/") end\n`;
  writeFileSync(
    script,
    `${failing === 0 ? "" : request}function delay() return math.random(60) end
function done(s) print(string.format('{"requests":%d,"failed":%d,"us":%d}', s.requests, s.errors.connect + s.errors.read + s.errors.timeout, s.duration)) end`,
  );
  const url = `http://${stage}-server.default.svc.cluster.local:${application}/`;
  const args = ["-t", String(inside), "-n", "-m", "--", "wrk", "-t1", "-c32", `-d${seconds}s`, "-s", script, url];
  const { stdout } = await promisify(execFile)("nsenter", args);
  const line = stdout.split("\n").find((text) => text.startsWith("{")) ?? "{}";
  const { requests = 0, failed = 0, us = 1 } = JSON.parse(line) as Record<string, number>;
  if (failed > 0 || requests === 0) throw new Error(`${url}: ${failed} of ${requests} requests failed\n${stdout}`);
  return { requests, rps: requests / (us / 1e6) };
}
