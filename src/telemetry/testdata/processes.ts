// Real processes for the tests of this room and those that cross it: Envoys, a Prometheus, servers; all on ports that the machine gives.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Clock } from "../../std/clock.ts";
import type { Log } from "../../std/log.ts";
import { sidecar } from "./envoy-pair.ts";

const envoyPath = process.env["WEFT_ENVOY"] ?? resolve(process.env["WEFT_CACHE"] ?? ".cache", "envoy/1.40.0/envoy");
export const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, with: () => log };
export const clock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

const children = new Set<ChildProcess>();
const servers: Server[] = [];
const dir = mkdtempSync(join(tmpdir(), "weft-telemetry-"));

/** The port that a server listens on now. */
export async function listen(server: Server): Promise<number> {
  servers.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export function ask(url: string): Promise<{ status: number; body: string }> {
  return new Promise((done, failed) => {
    get(url, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => done({ status: response.statusCode ?? 0, body }));
    }).on("error", failed);
  });
}

/** Asks until the answer is one; the test's own timeout ends it. */
export async function eventually<T>(question: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const gone = [...children].find((child) => child.exitCode !== null);
    if (gone) throw new Error(`${gone.spawnfile} ended with code ${gone.exitCode}`);
    const answer = await question().catch(() => undefined);
    if (answer !== undefined) return answer;
    await new Promise((next) => setTimeout(next, 50));
  }
}

export interface RunningEnvoy {
  readonly http: number;
  readonly tcp: number;
  readonly metrics: number;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

/** Starts one sidecar of the pair. A port that someone else took meanwhile is tried again with another. */
export async function startEnvoy(reporter: "source" | "destination", upstream: { http: number; tcp: number }): Promise<RunningEnvoy> {
  if (!existsSync(envoyPath)) throw new Error(`no Envoy at ${envoyPath}; run npm start once, or set WEFT_ENVOY`);
  return start(async (admin) => {
    const file = join(dir, `${reporter}.json`);
    writeFileSync(file, JSON.stringify(sidecar(reporter, admin, upstream)));
    const child = spawn(envoyPath, ["-c", file, "--disable-hot-restart", "--concurrency", "1", "-l", "error"], { stdio: "ignore" });
    children.add(child);
    const ports = async () => {
      const { body } = await ask(`http://127.0.0.1:${admin}/listeners?format=json`);
      const found = (JSON.parse(body) as Listeners).listener_statuses;
      const port = (name: string) => found.find((l) => l.name === name)?.local_address.socket_address.port_value ?? 0;
      return found.length === 3 ? { http: port("http"), tcp: port("tcp"), metrics: port("metrics") } : undefined;
    };
    return { ...(await eventually(ports)), kill: () => end(child) };
  });
}

interface Listeners {
  readonly listener_statuses: { name: string; local_address: { socket_address: { port_value: number } } }[];
}

/** Starts a real Prometheus that scrapes one target each second; answers its port. */
export async function startPrometheus(target: number): Promise<number> {
  return start(async (port) => {
    const file = join(dir, "prometheus.yml");
    const scrape = { job_name: "weft", scrape_interval: "1s", static_configs: [{ targets: [`127.0.0.1:${target}`] }] };
    writeFileSync(file, JSON.stringify({ scrape_configs: [{ ...scrape, honor_labels: true }] }));
    const options = [`--config.file=${file}`, `--storage.tsdb.path=${join(dir, "tsdb")}`, `--web.listen-address=127.0.0.1:${port}`];
    children.add(spawn("prometheus", options, { stdio: "ignore" }));
    await eventually(async () => ((await ask(`http://127.0.0.1:${port}/-/ready`)).status === 200 ? true : undefined));
    return port;
  });
}

async function start<T>(attempt: (port: number) => Promise<T>): Promise<T> {
  for (let left = 4; ; left--) {
    try {
      return await attempt(await freePort());
    } catch (error) {
      if (left === 0) throw error;
      for (const child of [...children]) if (child.exitCode !== null) children.delete(child);
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  children.delete(child);
  const gone = once(child, "exit");
  if (child.exitCode === null && child.kill("SIGKILL")) await gone;
}

/** Ends all that was started here. */
export async function stopAll(): Promise<void> {
  for (const child of [...children]) await end(child);
  for (const server of servers.splice(0)) server.close();
  rmSync(dir, { recursive: true, force: true });
}
