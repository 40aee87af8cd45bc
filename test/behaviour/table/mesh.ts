import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import type { ApplyAnswer } from "../../../src/api/contract/apply.ts";
import type { Workload } from "../../../src/api/contract/workloads.ts";
import { envoyBinary } from "../../cluster/envoy.ts";
import { Certificates } from "./certificates.ts";
import type { KubeObject } from "./format.ts";
import type { Order, Outcome, Report } from "./mesh/wire.ts";
import { type Addresses, filled } from "./placeholders.ts";

const pause = (ms: number) => new Promise((next) => setTimeout(next, ms));

/** The running mesh of the table: takes objects, and has its workloads make calls. */
export class TableMesh implements Addresses {
  readonly #folder = mkdtempSync(join(tmpdir(), "weft-table-"));
  readonly #own = join(this.#folder, "own");
  readonly #meshConfig = join(this.#folder, "mesh-config.yaml");
  #process: ChildProcess | undefined;
  #server = "";
  #token = "";
  #turn = 0;
  readonly certificates: Certificates;

  private constructor() {
    for (const name of ["mesh", "own", "state"]) mkdirSync(join(this.#folder, name));
    this.certificates = new Certificates(this.#own);
  }

  static async start(): Promise<TableMesh> {
    const mesh = new TableMesh();
    try {
      await mesh.#start();
    } catch (error) {
      await mesh.stop();
      throw error;
    }
    return mesh;
  }

  async #start(): Promise<void> {
    const base = readFileSync(join(import.meta.dirname, "mesh/mesh.yaml"), "utf8");
    writeFileSync(join(this.#folder, "mesh/mesh.yaml"), base.replaceAll(/\$\{echo\}/g, this.#echo));
    writeFileSync(this.#meshConfig, "{}\n");
    const ports = await Promise.all([freePort(), freePort(), freePort()]);
    const program = join(import.meta.dirname, "mesh-process.ts");
    const args = [program, this.#folder, ...ports.map(String)];
    const env = { ...process.env, WEFT_ENVOY: envoyBinary() };
    this.#process = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env });
    const ended = once(this.#process, "exit").then(() => Promise.reject(new Error("the mesh ended")));
    await Promise.race([once(this.#process.stdout as NodeJS.ReadableStream, "data"), ended]);
    ended.catch(() => {});
    const registry = join(this.#folder, "state/registry");
    const [entry = ""] = readdirSync(registry).filter((name) => name.endsWith(".json"));
    const found = JSON.parse(readFileSync(join(registry, entry), "utf8")) as { server: string; token: string };
    [this.#server, this.#token] = [found.server, found.token];
    await this.#ready();
  }

  get #echo(): string {
    return `node ${join(import.meta.dirname, "mesh/echo.ts")} ${this.#own}`;
  }

  async stop(): Promise<void> {
    if (this.#process?.exitCode === null) {
      this.#process.kill("SIGTERM");
      await once(this.#process, "exit");
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Objects with their placeholders filled. */
  async filled(objects: readonly KubeObject[]): Promise<readonly KubeObject[]> {
    const echo = (text: string) => text.replaceAll(/\$\{echo\}/g, this.#echo);
    return filled(JSON.parse(echo(JSON.stringify(objects))) as readonly KubeObject[], this.certificates, this);
  }

  /** Applies objects in place of others; resolves when all proxies have what follows. Answers what was refused: KIND/NAME and why. */
  async change(
    gone: readonly KubeObject[],
    come: readonly KubeObject[],
    config: object = {},
  ): Promise<ReadonlyMap<string, string>> {
    if (`${JSON.stringify(config)}\n` !== readFileSync(this.#meshConfig, "utf8")) await this.#configure(config);
    if (gone.length > 0) await this.#post("delete", gone);
    // One that is always new: the wait is for all that came before it too.
    const mark = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "table" },
      data: { turn: `${++this.#turn}` },
    };
    const answer = await this.#post("apply?wait=60s", [...come, mark]);
    if (answer.wait !== undefined && !answer.wait.done && answer.wait.waitingFor.length > 0)
      throw new Error(`not all proxies have it: ${JSON.stringify(answer)}`);
    const refused = answer.objects.filter((o) => o.outcome === "refused");
    if ([...gone, ...come].some(({ kind }) => kind === "Deployment" || kind === "Gateway")) await this.#ready();
    await this.#warm();
    await this.#workersPassed();
    if (gone.some(({ kind }) => kind === "WasmPlugin")) await this.drained();
    return new Map(
      refused.map((o) => [
        o.name,
        o.diagnostics.map((d) => `${d.field ?? ""} ${d.message}; ${d.fix ?? ""}`).join("\n"),
      ]),
    );
  }

  async #configure(config: object): Promise<void> {
    writeFileSync(this.#meshConfig, `${JSON.stringify(config)}\n`);
    const end = performance.now() + 20_000;
    for (;;) {
      const { yaml = "" } = (await this.#get("config/MeshConfig/-/istio")) as { yaml?: string };
      const { spec } = (parse(yaml) ?? {}) as { spec?: object };
      if (isDeepStrictEqual(spec ?? {}, config)) return;
      if (performance.now() > end) throw new Error(`the MeshConfig is not read; there is ${yaml}`);
      await pause(10);
    }
  }

  /** Resolves when every workload that is wanted is ready, and its proxies are. */
  async #ready(): Promise<void> {
    for (;;) {
      const items = (await this.#get("workloads")) as readonly Workload[];
      if (items.every(({ replicas: { desired, ready } }) => desired === ready)) return;
      await pause(20);
    }
  }

  /** Resolves when no proxy has something that it took and does not use yet: warming, or on its way to its workers. */
  async #warm(): Promise<void> {
    const begun = performance.now();
    await Promise.all(
      this.#adminSockets().map(async (socketPath) => {
        for (;;) {
          const stats = await ask(socketPath, "GET", `/stats?filter=${encodeURIComponent(statsOfUse)}`).catch(() => "");
          const passed = performance.now() - begun;
          // A listener that was replaced while it warmed never comes to the workers, so that count alone is not waited for without end.
          if (!/warming.*: [1-9]/.test(stats) && (atWorkers(stats) || passed > 2000)) return;
          if (passed > 30_000) throw new Error(`a proxy does not use what it took: ${socketPath}\n${stats}`);
          await pause(5);
        }
      }),
    );
  }

  /**
   * Resolves when no listener that was replaced has a connection left: what it knows of a plugin that is gone, and refuses for its sake, it goes on to
   * know for the one request that a connection may still bring.
   */
  async drained(): Promise<void> {
    await Promise.all(
      this.#adminSockets().map(async (socketPath) => {
        const draining = () => ask(socketPath, "GET", "/stats?filter=listener_manager.*draining").catch(() => "");
        while (/draining: [1-9]/.test(await draining())) await pause(50);
      }),
    );
  }

  /** Resolves when each proxy's worker has done all that it was told so far: then it answers one more request. */
  async #workersPassed(): Promise<void> {
    const items = (await this.#get("workloads")) as readonly Workload[];
    const addresses = items.flatMap(({ proxies }) => proxies.map(({ address }) => address));
    await Promise.all(
      addresses.map((host) =>
        fetch(`http://${host}:15021/healthz/ready`, { headers: { connection: "close" } }).then((r) => r.arrayBuffer()),
      ),
    );
  }

  #adminSockets(): readonly string[] {
    const run = join(this.#folder, "state/run");
    const names = readdirSync(run).filter((name) => name.endsWith(".sock") && name !== "keeper.sock");
    return names.map((name) => join(run, name));
  }

  async ofWorkload(workload: string): Promise<string> {
    if (workload.startsWith("istio-system/") || workload.startsWith("gateway:")) return this.gatewayAddress(workload);
    const { addresses } = (await this.#tell(workload, "self")) as { addresses: readonly string[] };
    const found = addresses.find((a) => a.includes(".") && !a.startsWith("127."));
    if (found === undefined) throw new Error(`${workload} has no address: ${addresses}`);
    return found;
  }

  async ofName(name: string): Promise<string> {
    const { addresses = [] } = (await this.#tell("client", `resolve/${name}`)) as { addresses?: readonly string[] };
    if (addresses[0] === undefined) throw new Error(`client does not know the name ${name}`);
    return addresses[0];
  }

  /** Address of a gateway's Pod: NAMESPACE/NAME of its workload. */
  async gatewayAddress(gateway: string): Promise<string> {
    const items = (await this.#get("workloads")) as readonly Workload[];
    const [namespace, name] = gateway.split("/");
    const found = items.find((w) => w.namespace === namespace && w.name === name)?.proxies[0]?.address;
    if (found === undefined) throw new Error(`there is no gateway ${gateway}`);
    return found;
  }

  /** Has a workload make a call so many times. */
  async call(from: string, order: Order, times: number, parallel: number): Promise<readonly Outcome[]> {
    const said = (await this.#tell(from, "call", { order, times, parallel })) as readonly Outcome[];
    if (!Array.isArray(said)) throw new Error(`${from}: ${JSON.stringify(said)}`);
    return said;
  }

  /** Requests of a case that a workload got. */
  async seen(workload: string, id: string): Promise<readonly Report[]> {
    return (await this.#tell(workload, `seen/${id}`)) as readonly Report[];
  }

  /** Opens a connection that stays. */
  async open(from: string, order: Order): Promise<string> {
    const told = (await this.#tell(from, "open", { order })) as { id?: string; fault?: string };
    if (told.id === undefined) throw new Error(`${order.url}: ${told.fault}`);
    return told.id;
  }

  /** Says something on a connection that stays; answers what came back. */
  async say(from: string, id: string, text: string): Promise<string> {
    return ((await this.#tell(from, `say/${id}`, text)) as { heard: string }).heard;
  }

  /** Ends the caller's side of a connection that stayed; answers what still came. */
  async end(from: string, id: string): Promise<string> {
    return ((await this.#tell(from, `end/${id}`)) as { heard: string }).heard;
  }

  /** Ends the connections that the callers kept. */
  async forget(from: string): Promise<void> {
    await this.#tell(from, "forget");
  }

  async #tell(workload: string, path: string, body?: unknown): Promise<unknown> {
    const full = workload.includes("/") ? workload : `default/${workload}`;
    const socketPath = join(this.#own, `${full.replace("/", ".")}.sock`);
    return JSON.parse(
      await ask(socketPath, "POST", `/${path}`, typeof body === "string" ? body : JSON.stringify(body ?? "")),
    );
  }

  /** The page of all proxies' series, as Prometheus would read it. */
  /** Port of its API. */
  get port(): number {
    return Number(new URL(this.#server).port);
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.#server}/metrics`)).text();
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(`${this.#server}/api/v1/${path}`);
    return response.json();
  }

  async #post(path: string, objects: readonly unknown[]): Promise<ApplyAnswer> {
    const body = objects.map((object) => `${JSON.stringify(object)}\n`).join("---\n");
    const headers = { authorization: `Bearer ${this.#token}`, "content-type": "application/yaml" };
    const response = await fetch(`${this.#server}/api/v1/${path}`, { method: "POST", headers, body });
    const answer = (await response.json()) as ApplyAnswer & { error?: string };
    if (answer.objects === undefined) throw new Error(`${path}: ${answer.error}`);
    return answer;
  }
}

const statsOfUse =
  "warming|^server.concurrency$|^listener_manager.listener_(added|modified|create_success|create_failure)$";

/** Whether every listener is at every worker. */
function atWorkers(stats: string): boolean {
  const count = (name: string) => Number(new RegExp(`${name}: (\\d+)`).exec(stats)?.[1] ?? 0);
  const wanted = (count("listener_added") + count("listener_modified")) * count("server.concurrency");
  return count("listener_create_success") + count("listener_create_failure") >= wanted;
}

function ask(socketPath: string, method: string, path: string, body = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path }, async (response) =>
      resolve(Buffer.concat(await response.toArray()).toString()),
    );
    asked.on("error", reject).end(body);
  });
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = 27_000 + Math.floor(Math.random() * 1000);
    const server = createServer();
    const free = await new Promise<boolean>((done) => {
      server.once("error", () => done(false));
      server.listen(port, () => server.close(() => done(true)));
    });
    if (free) return port;
  }
}
