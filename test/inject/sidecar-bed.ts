import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Authority, openAuthority } from "../../src/ca/authority.ts";
import { PrivateFiles } from "../../src/ca/private-files.ts";
import { containerNamed, type Pod } from "../../src/inject/pod.ts";
import type { Log } from "../../src/std/log.ts";
import { GRPC } from "../../src/xds/grpc.ts";
import { createXdsServer, type XdsServer } from "../../src/xds/server.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { envoyBinary } from "../cluster/envoy.ts";
import { setOf } from "../xds/mesh.ts";
import { credentialFiles, expand, Volume, variablesOf } from "./kubelet.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
const clock = {
  now: () => Date.now(),
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
const random = { next: Math.random, bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
const identity = { trustDomain: "cluster.local", namespace: "istio-system", serviceAccount: "weft" };

/** An authority of its own folder: what another signed is not trusted by it. */
export function newAuthority(): Promise<Authority> {
  const files = new PrivateFiles(join(mkdtempSync(join(tmpdir(), "weft-inject-ca-")), "ca"), log);
  return openAuthority({ home: files, trustDomain: "cluster.local", clock, random, log });
}

/** The product's xDS server over TLS under the name that sidecars expect, with nothing to say; it writes down who asks. */
export class Plane {
  readonly tokens: string[] = [];
  readonly nodes: string[] = [];
  #server: XdsServer<string> | undefined;
  readonly host: string;
  port = 0;

  constructor(host: string) {
    this.host = host;
  }

  async listen(authority: Authority): Promise<void> {
    this.#server = createXdsServer<string>({
      clock,
      log,
      authenticate: ({ headers, tls }) => {
        if (!tls) return Promise.resolve({ refusal: { status: GRPC.unauthenticated, message: "plaintext" } });
        this.tokens.push(headers.authorization ?? "");
        return Promise.resolve({ peer: "pod" });
      },
      open: (session) => {
        this.nodes.push(JSON.stringify(session.node));
        session.push(new Map([TYPE.cluster, TYPE.listener].map((type) => [type, setOf()])));
        return undefined;
      },
    });
    const own = await authority.issueServer(identity, { dns: ["weft.istio-system.svc"], ips: [] });
    const tls = { key: own.key.pem(), cert: own.chain, ca: authority.roots.join("") };
    this.port = (await this.#server.listen({ host: this.host, port: this.port, tls })).port;
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }
}

interface Socket {
  address: string;
  port_value: number;
}

/** An injected Pod's Envoy as a kubelet starts it, at an address of this machine; the control plane's name and the admin port alone are others. */
export class Sidecar {
  readonly volume = new Volume();
  readonly pod: Pod;
  readonly ip: string;
  #child: ChildProcess | undefined;
  #said = "";

  constructor(pod: Pod, ip: string) {
    this.pod = JSON.parse(JSON.stringify(pod).replaceAll("/var/run/secrets/weft", this.volume.folder)) as Pod;
    this.ip = ip;
  }

  /** What the projected volume holds from now on. */
  give(token: string, root: string): void {
    this.volume.put(credentialFiles(this.pod, token, root));
  }

  bootstrap(plane: Pick<Plane, "host" | "port">): Record<string, unknown> {
    const container = containerNamed(
      [...(this.pod.spec?.initContainers ?? []), ...(this.pod.spec?.containers ?? [])],
      "istio-proxy",
    );
    if (container?.args === undefined) throw new Error("the Pod has no proxy");
    const text = expand(
      container.args[container.args.indexOf("--config-yaml") + 1] ?? "",
      variablesOf(container, this.pod, this.ip),
    );
    return JSON.parse(text, (key, value: Socket) => {
      if (key !== "socket_address") return value;
      if (value.address === "weft.istio-system.svc") return { address: plane.host, port_value: plane.port };
      return value.address === "127.0.0.1" && value.port_value === 15000 ? { ...value, address: this.ip } : value;
    }) as Record<string, unknown>;
  }

  start(plane: Pick<Plane, "host" | "port">): void {
    const config = JSON.stringify(this.bootstrap(plane));
    const args = ["--config-yaml", config, "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning"];
    this.#child = spawn(envoyBinary(), args, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on("data", (chunk) => {
        this.#said += chunk;
      });
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What Envoy wrote. */
  get said(): string {
    return this.#said;
  }

  async stop(): Promise<void> {
    if (this.#child?.exitCode === null) {
      this.#child.kill("SIGKILL");
      await once(this.#child, "exit");
    }
    this.volume.remove();
  }
}

/** Status, body and headers of a GET; status 0 where nobody answers. */
export function ask(
  host: string,
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: string; headers: Readonly<Record<string, unknown>> }> {
  return new Promise((resolve) => {
    const sent = request({ host, port, path, headers, agent: false }, (answer) => {
      let body = "";
      answer.on("data", (chunk) => {
        body += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body, headers: answer.headers }));
    });
    sent.on("error", () => resolve({ status: 0, body: "", headers: {} }));
    sent.end();
  });
}

/** A port of an address that nobody listens on. */
export async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
