import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { bootstrap } from "../../src/agent/bootstrap.ts";
import type { Log } from "../../src/std/log.ts";
import type { ProxyConfig } from "../../src/xds/resource.ts";
import { createXdsServer, type XdsServer, type XdsServerOptions } from "../../src/xds/server.ts";
import type { Nack } from "../../src/xds/session.ts";
import { BY_NAME_ONLY, TYPE } from "../../src/xds/type-url.ts";
import { envoyBinary } from "../cluster/envoy.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
const clock = {
  now: () => Date.now(),
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export interface ServedEnvoyOptions {
  /** Where the listeners of its own bootstrap are. */
  readonly ip: string;
  /** In a network of its own, where nobody else's ports are; it reaches nothing and nobody reaches it. */
  readonly alone?: boolean;
  /** Of its heap; else as in the product. */
  readonly maxHeapBytes?: number;
  /** A sidecar by default. */
  readonly kind?: "sidecar" | "router";
  /** What the control plane answers beside xDS. */
  readonly unary?: NonNullable<XdsServerOptions<string>["unary"]>;
  /** What it takes beside xDS without gRPC. */
  readonly posts?: NonNullable<XdsServerOptions<string>["posts"]>;
}

/** A real Envoy with the product's bootstrap, and the product's xDS server in front of it, over a unix socket. */
export class ServedEnvoy {
  readonly #directory = mkdtempSync(join(tmpdir(), "served-envoy-"));
  readonly #server: XdsServer<string>;
  #config: ProxyConfig = new Map();
  /** Types of which it need not name all. */
  #optional: ReadonlySet<string> = new Set();
  #nacks: Nack[] = [];
  #said = "";
  #child: ChildProcess | undefined;
  #door: Server | undefined;

  private constructor({ unary = new Map(), posts = new Map() }: Pick<ServedEnvoyOptions, "unary" | "posts">) {
    this.#server = createXdsServer<string>({
      clock,
      log,
      unary,
      posts,
      authenticate: () => Promise.resolve({ peer: "test" }),
      open: (session) => {
        session.push(this.#config);
        return undefined;
      },
      onNack: (_, nack) => this.#nacks.push(nack),
    });
  }

  static async start({
    ip,
    alone = false,
    kind = "sidecar",
    maxHeapBytes,
    ...methods
  }: ServedEnvoyOptions): Promise<ServedEnvoy> {
    const envoy = new ServedEnvoy(methods);
    const { port } = await envoy.#server.listen({ host: "127.0.0.1", port: 0 });
    const door = join(envoy.#directory, "xds");
    envoy.#door = createServer((socket) => {
      const upstream = connect(port, "127.0.0.1");
      socket.pipe(upstream).pipe(socket);
      for (const end of [socket, upstream]) end.on("error", () => [socket, upstream].map((s) => s.destroy()));
    }).listen(door);
    await once(envoy.#door, "listening");
    const heap = maxHeapBytes === undefined ? {} : { maxHeapBytes };
    envoy.#run({ ip, alone, kind, ...heap }, door);
    return envoy;
  }

  #run({ ip, alone, kind = "sidecar", ...limits }: Omit<ServedEnvoyOptions, "unary" | "posts">, door: string): void {
    const at = (name: string) => join(this.#directory, name);
    const made = bootstrap(
      { ...node(ip), kind },
      {
        xds: { address: "127.0.0.1", port: 1 },
        admin: { path: at("admin") },
        listen: { anyone: ip, self: ip },
        ...limits,
      },
    );
    const text = JSON.stringify(made).replace(
      '{"socket_address":{"address":"127.0.0.1","port_value":1}}',
      JSON.stringify({ pipe: { path: door } }),
    );
    writeFileSync(at("bootstrap.json"), text);
    const flags = ["-c", at("bootstrap.json"), "--disable-hot-restart", "--concurrency", "1", "-l", "warning"];
    const [command, ...rest] = [
      ...(alone === true ? ["unshare", "-Urn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"] : []),
      envoyBinary(),
      ...flags,
    ];
    this.#child = spawn(command as string, rest, {
      stdio: ["ignore", "ignore", "pipe"],
      // What a tracer is asked to tell of its proxy.
      env: { ...process.env, OTEL_RESOURCE_ATTRIBUTES: "team=shop" },
    });
    this.#child.stderr?.on("data", (chunk) => {
      this.#said += chunk;
    });
  }

  /** The most bytes that it had in memory at once since it was last asked. */
  peak(): number {
    const at = `/proc/${this.#child?.pid}`;
    const kilobytes = Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`${at}/status`, "utf8"))?.[1]);
    writeFileSync(`${at}/clear_refs`, "5");
    return kilobytes * 1024;
  }

  /** What it printed since it was last asked to take something. */
  get said(): string {
    return this.#said;
  }

  /**
   * Gives it a configuration and waits until it has taken all of it, warm; or refused a part: then what it said of each. One that `asks` need
   * not ask for all that is there.
   */
  async take(config: ProxyConfig, { asks = false } = {}): Promise<readonly string[]> {
    this.#config = config;
    this.#optional = asks ? BY_NAME_ONLY : new Set([TYPE.secret, TYPE.extension]);
    this.#nacks = [];
    this.#said = "";
    for (const session of this.#server.sessions()) session.push(config);
    for (;;) {
      if (this.#ended()) throw new Error(`Envoy ended: ${this.#said}`);
      const refused = this.#nacks.filter((nack) => nack.isolated);
      if (refused.length > 0) return refused.map((n) => `${n.resources[0]?.name ?? n.typeUrl}: ${n.error}`);
      if ((await this.missing()).length === 0) return [];
      await pause(10);
    }
  }

  /** What it does not have yet, or has but is not warm. Secrets that nothing names it need not have. */
  async missing(): Promise<readonly string[]> {
    const [session] = this.#server.sessions();
    if (session === undefined || !session.settled) return ["the stream"];
    const asked = session.subscriptions();
    const sent = [...this.#config].flatMap(([type, { resources }]) =>
      [...resources.values()].flatMap(({ name, version }) =>
        (this.#optional.has(type) && !asked.get(type)?.has(name)) || session.resource(type, name)?.version === version
          ? []
          : [`${type.slice(type.lastIndexOf(".") + 1)} ${name}`],
      ),
    );
    if (sent.length > 0) return sent;
    const stats = await this.admin("/stats?filter=warming");
    return [...stats.matchAll(/^(.*warming.*): [1-9]\d*$/gm)].map((line) => line[1] as string);
  }

  admin(path: string, method = "GET"): Promise<string> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: join(this.#directory, "admin"), path, method }, async (response) =>
        resolve((await response.toArray()).join("")),
      );
      asked.on("error", reject).end();
    });
  }

  #ended(): boolean {
    return this.#child?.exitCode !== null || this.#child.signalCode !== null;
  }

  async stop(): Promise<void> {
    if (this.#child !== undefined && !this.#ended()) {
      this.#child.kill("SIGKILL");
      await once(this.#child, "exit");
    }
    await this.#server.close();
    this.#door?.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function node(ip: string) {
  const place = { nodeName: "n", locality: { region: "", zone: "", subzone: "" }, dnsDomain: "cluster.local" };
  const pod = { kind: "sidecar" as const, ip, name: "n", namespace: "default", workload: "n", serviceAccount: "n" };
  return { ...pod, ...place, labels: {}, annotations: {}, containers: [], ports: [], kubeCluster: "c", meshId: "m" };
}
