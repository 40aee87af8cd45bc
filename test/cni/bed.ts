import { spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { captureRules, captureTable, proxyUser } from "../../src/agent/capture.ts";
import { type Agent, type AgentOptions, startAgent } from "../../src/cni/agent.ts";
import { runProgram } from "../../src/cni/program.ts";
import type { KubernetesClient } from "../../src/kubernetes/client.ts";
import { systemClock } from "../../src/main/clock.ts";
import type { Log } from "../../src/std/log.ts";
import { type Chain, del, type Sandbox } from "./chain.ts";
import { hostPlugins, ownPlugin, within } from "./programs.ts";

/** Where `ip netns` keeps namespaces, as container runtimes do. */
const netnsDir = "/var/run/netns";

export const injected = {
  "sidecar.istio.io/status": JSON.stringify({ initContainers: ["istio-proxy"], revision: "default" }),
};

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, with: () => quiet };

/** A node: a bridge with addresses of both families, folders of plugins, and our agent when a test starts it. */
export class Node {
  readonly folder: string = mkdtempSync(join(tmpdir(), "weft-node-"));
  readonly socket: string = join(this.folder, "run", "agent.sock");
  readonly chain: Chain;
  /** The machine's own address on the bridge. */
  readonly address: string;
  readonly #id = randomBytes(3).toString("hex");
  readonly #net = randomInt(0, 40 * 256);
  readonly #sandboxes: Sandbox[] = [];
  readonly #ends: (() => void)[] = [];
  #plugin = "";
  #agent: Agent | undefined;

  constructor() {
    for (const name of ["conf", "bin"]) mkdirSync(join(this.folder, name));
    const path = [join(this.folder, "bin"), hostPlugins()];
    this.chain = { conflist: join(this.folder, "conf", "10-pods.conflist"), path };
    this.address = `10.${200 + (this.#net >> 8)}.${this.#net & 255}.1`;
    this.writeConfiguration();
  }

  /** As a network's own installer does: without us. */
  writeConfiguration(): void {
    const [a, b, c] = this.address.split(".").map(Number) as [number, number, number];
    const v4 = `${a}.${b}.${c}.0/24`;
    const v6 = `fd77:${this.#net.toString(16)}::/64`;
    const ipam = {
      type: "host-local",
      dataDir: join(this.folder, "ipam"),
      ranges: [[{ subnet: v4 }], [{ subnet: v6 }]],
    };
    const bridge = { type: "bridge", bridge: `wb${this.#id}`, isGateway: true, ipam };
    const list = { cniVersion: "1.0.0", name: `pods-${this.#id}`, plugins: [bridge] };
    writeFileSync(this.chain.conflist, JSON.stringify(list));
  }

  /** Builds the plugin; once. */
  async prepare(): Promise<void> {
    this.#plugin = await ownPlugin(this.folder);
  }

  async startAgent(client: KubernetesClient, more: Partial<AgentOptions> = {}): Promise<Agent> {
    const agent = await startAgent({
      node: "node1",
      excludeNamespaces: ["kube-system"],
      repair: "redirect",
      socket: this.socket,
      binDir: join(this.folder, "bin"),
      confDir: join(this.folder, "conf"),
      netnsDir,
      plugin: this.#plugin,
      rules: (annotations) => captureRules({ proxy: "sidecar", own: { uid: proxyUser }, annotations }),
      table: captureTable,
      client,
      run: runProgram,
      clock: systemClock,
      log: quiet,
      ...more,
    });
    this.#agent = agent;
    return agent;
  }

  /** What a probe of the agent's Pod is told. */
  ready(): Promise<string> {
    return runProgram([this.#plugin, "ready", this.socket]);
  }

  /** A network namespace for a Pod, with nothing in it but loopback. */
  async sandbox(more: Partial<Sandbox> = {}): Promise<Sandbox> {
    const id = `${this.#id}-${this.#sandboxes.length}`;
    const sandbox = {
      id,
      netns: `${netnsDir}/weft-${id}`,
      namespace: "shop",
      name: `web-${id}`,
      uid: `uid-${id}`,
      ...more,
    };
    this.#sandboxes.push(sandbox);
    await runProgram(["ip", "netns", "add", `weft-${id}`]);
    await within(sandbox.netns, "ip", "link", "set", "lo", "up");
    return sandbox;
  }

  /** A Pod's containers, which listen: `{ application: 8080 }`; and a connection to each says its name. */
  async listen(netns: string, listeners: Readonly<Record<string, number>>): Promise<void> {
    const said = Object.entries(listeners).map(([name, port]) => `${name}=${port}`);
    const program = [process.execPath, join(import.meta.dirname, "testdata", "listen.mjs"), ...said];
    const child = spawn("nsenter", [`--net=${netns}`, ...program], { stdio: ["ignore", "pipe", "inherit"] });
    this.#ends.push(() => child.kill("SIGKILL"));
    await once(child.stdout, "data");
  }

  /** A server outside of all Pods, on the bridge; a connection hears "outside". */
  async outside(): Promise<number> {
    const server: Server = createServer((socket) => socket.end("outside")).listen(0, this.address);
    await once(server, "listening");
    this.#ends.push(() => server.close());
    return (server.address() as { port: number }).port;
  }

  async dispose(): Promise<void> {
    await this.#agent?.stop();
    for (const end of this.#ends) end();
    for (const sandbox of this.#sandboxes) {
      await del(this.chain, sandbox);
      await runProgram(["ip", "netns", "delete", `weft-${sandbox.id}`]);
    }
    await runProgram(["ip", "link", "delete", `wb${this.#id}`]).catch(() => {});
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a user of a namespace hears who connects to an address. */
export function ask(netns: string | undefined, uid: number, address: string, port: number): Promise<string> {
  const program = [process.execPath, join(import.meta.dirname, "testdata", "ask.mjs"), `${uid}`, address, `${port}`];
  return netns === undefined ? runProgram(program) : within(netns, ...program);
}
