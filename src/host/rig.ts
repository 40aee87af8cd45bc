import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
} from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { testEnvoy } from "../agent/test-envoy.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Resource } from "../model/resource.ts";
import type { PlaneOptions, PlaneOrder } from "./rig-plane.ts";
import type { Mode } from "./state.ts";

const source = dirname(dirname(fileURLToPath(import.meta.url)));

/** What tests of one kind of host share: a folder, a user, and programs that this user may run. */
export interface Rig {
  readonly mode: Mode;
  readonly folder: string;
  /** Runs a command as the mesh's user; answers its output. */
  run(argv: readonly string[]): string;
  /** Starts a control plane on a state folder of that name. */
  start(name: string, doors: PlaneOptions["doors"]): Plane;
  stateDir(name: string): string;
  dispose(): void;
}

const nobody = 65_534;

/** `userns` runs as another user when this one is root, with copies of all it needs: root's folders are closed to it. */
export function makeRig(mode: Mode): Rig {
  const folder = mkdtempSync(join(tmpdir(), "weft-rig-"));
  const other = mode === "userns" && process.getuid?.() === 0;
  const programs = { node: process.execPath, envoy: testEnvoy() };
  const at = { node: join(folder, "bin", "node"), envoy: join(folder, "bin", "envoy") };
  mkdirSync(join(folder, "bin"));
  for (const name of ["node", "envoy"] as const) share(programs[name], at[name]);
  copySources(folder);
  if (other) {
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, "state"));
    chownSync(join(folder, "state"), nobody, nobody);
  }
  const become = other ? ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups", "--"] : [];
  const env = { ...process.env, HOME: join(folder, "state"), WEFT_ENVOY: at.envoy };
  const stateDir = (name: string) => join(folder, "state", name);
  return {
    mode,
    folder,
    stateDir,
    run(argv) {
      const [command, ...args] = [...become, ...argv] as [string, ...string[]];
      const ran = spawnSync(command, args, { encoding: "utf8", env, cwd: folder });
      if (ran.status !== 0) throw new Error(`${argv.join(" ")}: ${ran.stderr}`);
      return ran.stdout;
    },
    start(name, doors) {
      const options: PlaneOptions = { stateDir: stateDir(name), mode, envoyPath: at.envoy, doors };
      const script = join(folder, "src", "host", "rig-plane.ts");
      const [command, ...args] = [...become, at.node, script, JSON.stringify(options)];
      return new Plane(
        spawn(command as string, args, { stdio: ["pipe", "pipe", "inherit"], env, cwd: folder }),
        join(folder, "src", "host", "testdata", "mesh.yaml"),
      );
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function share(from: string, to: string): void {
  try {
    linkSync(from, to);
    accessSync(to, constants.X_OK);
  } catch {
    copyFileSync(from, to);
    chmodSync(to, 0o755);
  }
}

function copySources(folder: string): void {
  for (const room of ["std", "model", "agent", "host"])
    cpSync(join(source, room), join(folder, "src", room), { recursive: true });
  for (const name of ["yaml", "dns-packet", "@leichtgewicht/ip-codec"]) {
    cpSync(join(source, "..", "node_modules", name), join(folder, "node_modules", name), {
      recursive: true,
      dereference: true,
    });
  }
  cpSync(join(source, "..", "package.json"), join(folder, "package.json"));
}

interface Line {
  readonly ready?: true;
  readonly address?: string;
  readonly stopped?: true;
  readonly failed?: string;
  readonly event?: {
    readonly changes: readonly ({ put: Resource } | { remove: { namespace: string; name: string } })[];
    readonly diagnostics: readonly Diagnostic[];
  };
}

/** The Pod of a host's event, as far as tests look at it. */
export interface SeenPod extends Resource {
  readonly status: {
    readonly podIP: string;
    readonly conditions: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses: readonly {
      readonly name: string;
      readonly restartCount: number;
      readonly state: object;
    }[];
  };
}

/** A control plane in a process of its own, as its events tell it. */
export class Plane {
  readonly process: ChildProcess;
  readonly pods = new Map<string, SeenPod>();
  diagnostics: readonly Diagnostic[] = [];
  address = "";
  failed: string | undefined;
  #ready = false;
  #exited = false;
  readonly #file: string;
  readonly #waiting = new Set<() => void>();

  constructor(process: ChildProcess, file: string) {
    this.process = process;
    this.#file = file;
    // After its last words have been read.
    process.on("close", () => {
      this.#exited = true;
      this.#wake();
    });
    createInterface({ input: process.stdout as NodeJS.ReadableStream }).on("line", (line) =>
      this.#take(JSON.parse(line) as Line),
    );
  }

  order(order: PlaneOrder): void {
    this.process.stdin?.write(`${JSON.stringify({ file: this.#file, ...order })}\n`);
  }

  /** Waits until something is true; looks after each event. */
  async until<T>(what: string, look: () => T | undefined | false, ms = 30_000): Promise<T> {
    const end = Date.now() + ms;
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      const rest = end - Date.now();
      if (rest <= 0)
        throw new Error(
          `${what}: not within ${ms} ms; Pods: ${JSON.stringify([...this.pods.values()].map((p) => [p.name, p.status]))} ${this.failed ?? ""}`,
        );
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(rest, 100));
        this.#waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  started(): Promise<true> {
    return this.until("the control plane is up", () => {
      if (this.#exited) throw new Error(this.failed ?? "the control plane ended");
      return this.#ready || undefined;
    });
  }

  /** The one Pod of a workload that is ready. */
  readyPod(workload: string): Promise<SeenPod> {
    return this.until(`a Pod of ${workload} is ready`, () => this.of(workload).find(isReady));
  }

  of(workload: string): SeenPod[] {
    return [...this.pods.values()].filter((pod) => pod.annotations["weft.dev/workload"] === workload);
  }

  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.until("it is dead", () => this.#exited || undefined);
  }

  async stop(): Promise<void> {
    if (this.#exited) return;
    this.process.kill("SIGTERM");
    await this.until("it has stopped", () => this.#exited || undefined);
  }

  #take(line: Line): void {
    if (line.ready) {
      this.#ready = true;
      this.address = line.address ?? "";
    }
    if (line.failed) this.failed = line.failed;
    for (const change of line.event?.changes ?? []) {
      if ("put" in change) this.pods.set(change.put.name, change.put as SeenPod);
      else this.pods.delete(change.remove.name);
    }
    if (line.event) this.diagnostics = line.event.diagnostics;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

export function isReady(pod: SeenPod): boolean {
  return pod.status.conditions.some((c) => c.type === "Ready" && c.status === "True");
}

/** One request to a door, on a connection of its own: `{status, body}` with the body parsed. Rejects as the connection fails. */
export function ask(port: number, path: string, host = "127.0.0.1"): Promise<{ status: number; body: never }> {
  return new Promise((resolve, reject) => {
    const sent = get({ host, port, path, agent: false, timeout: 10_000 }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text || "null") as never }));
      answer.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer in time")));
    sent.on("error", reject);
  });
}
