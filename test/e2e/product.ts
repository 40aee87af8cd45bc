import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { testEnvoy } from "../../src/agent/test-envoy.ts";
import { ask, until } from "./ask.ts";

export const root = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");
export const sample = "samples/bookinfo";
export const isRoot = process.getuid?.() === 0;

/** What a command has said when it ended. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

/** A program that goes on. */
export interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

export interface ProductOptions {
  /** The first of ten ports that nobody else uses. */
  readonly port: number;
  /** Run it as this user; needs root. */
  readonly uid?: number;
  /** A command that runs it. */
  readonly within?: readonly string[];
}

/**
 * Weft as its user has it: `node bin/weft.mjs` in a home of its own. Whoever makes one calls `close` at the end, which fails where
 * something of the mesh is left.
 */
export class Product {
  readonly dir: string;
  readonly stateDir: string;
  readonly ports: { readonly http: number; readonly https: number; readonly console: number };
  readonly env: Record<string, string>;
  readonly #command: readonly string[];
  #up: Running | undefined;

  constructor({ port, uid, within = [] }: ProductOptions) {
    this.dir = mkdtempSync(join(tmpdir(), "weft-e2e-"));
    this.stateDir = join(this.dir, "state", "weft", "bookinfo");
    this.ports = { http: port, https: port + 1, console: port + 2 };
    const as = uid === undefined ? undefined : asUser(this.dir, uid);
    this.#command = [...within, ...(as?.command ?? [process.execPath])];
    this.env = {
      PATH: `${as?.nodeFolder ?? dirname(process.execPath)}:${process.env["PATH"]}`,
      HOME: join(this.dir, "home"),
      XDG_STATE_HOME: join(this.dir, "state"),
      WEFT_ENVOY: as?.envoy ?? testEnvoy(),
      NO_COLOR: "1",
    };
    if (uid === undefined) for (const name of ["home", "state"]) mkdirSync(join(this.dir, name));
  }

  get page(): string {
    return `http://127.0.0.1:${this.ports.http}/productpage`;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.ports.http}${path}`;
  }

  /** An answer of the control plane's API. */
  async api<T>(path: string): Promise<T> {
    const { status, body } = await ask(`http://127.0.0.1:${this.ports.console}/api/v1/${path}`);
    if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
    return JSON.parse(body) as T;
  }

  /** Starts a command that goes on. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}, input = ""): Running {
    const [program, ...before] = this.#command as [string, ...string[]];
    const child = spawn(program, [...before, `${root}/bin/weft.mjs`, ...args], {
      cwd: root,
      env: { ...this.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin.end(input);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    return { child, output: () => output, ended };
  }

  /** Runs a command to its end. */
  async run(args: readonly string[], { env = {}, input = "" } = {}): Promise<Ran> {
    const begun = performance.now();
    const running = this.start(args, env, input);
    let stdout = "";
    let stderr = "";
    running.child.stdout?.on("data", (text: string) => {
      stdout += text;
    });
    running.child.stderr?.on("data", (text: string) => {
      stderr += text;
    });
    const status = await running.ended;
    return { status, stdout, stderr, milliseconds: performance.now() - begun };
  }

  /** Runs a command that has to end with 0; answers its standard output. */
  async weft(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(args);
    if (status !== 0) throw new Error(`weft ${args.join(" ")}: ${status}\n${stdout}${stderr}`);
    return stdout;
  }

  /** `weft up` with this product's ports; returns at once. */
  begin(folders: readonly string[] = [sample], more: readonly string[] = [], env = {}): Running {
    const { http, https, console } = this.ports;
    const ports = ["--http-port", http, "--https-port", https, "--console-port", console].map(String);
    this.#up = this.start(["up", ...folders, ...ports, ...more], env);
    return this.#up;
  }

  /** `weft up` until the mesh says that it is up and the page answers; answers the milliseconds to the first 200. */
  async up(folders: readonly string[] = [sample], more: readonly string[] = []): Promise<number> {
    const begun = performance.now();
    const running = this.begin(folders, more);
    let over = false;
    void running.ended.then(() => {
      over = true;
    });
    const ready = async () => {
      if (over) throw new Error(`weft up has ended:\n${running.output()}`);
      return (await ask(this.page).catch(() => undefined))?.status === 200;
    };
    await until("the product page answers 200", ready, () => running.output());
    const took = performance.now() - begun;
    await until("weft up says so", () => running.output().includes("Ctrl-C stops it"), running.output);
    return took;
  }

  get running(): Running {
    if (!this.#up) throw new Error("weft up was not started");
    return this.#up;
  }

  /** Ctrl-C, until it is gone. Answers the exit code. */
  async interrupt(): Promise<number | null> {
    const running = this.running;
    running.child.kill("SIGINT");
    // Once more, as where a whole group is asked and a parent passes it on. Another signal could overtake the first.
    running.child.kill("SIGINT");
    return running.ended;
  }

  /** Six characters in the names of all that this mesh has on the machine; undefined when it never began. */
  meshId(): string | undefined {
    try {
      return (JSON.parse(readFileSync(join(this.stateDir, "host.json"), "utf8")) as { id: string }).id;
    } catch {
      return undefined;
    }
  }

  write(name: string, text: string): string {
    const file = join(this.dir, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** Stops what runs. */
  async end(): Promise<void> {
    const up = this.#up;
    if (up && up.child.exitCode === null && up.child.signalCode === null) {
      up.child.kill("SIGINT");
      await up.ended;
    }
  }

  /** Stops what runs and takes the folder away. */
  async close(): Promise<void> {
    await this.end();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

interface OtherUser {
  readonly command: readonly string[];
  readonly nodeFolder: string;
  readonly envoy: string;
}

/** Another user may not be able to read root's folders: programs and sources are shown to it at places that it can. */
function asUser(dir: string, uid: number): OtherUser {
  const envoy = join(dir, "envoy");
  const nodeFolder = join(dir, "node");
  const script = `set -e
chmod 755 "$1"; cd "$1"; mkdir -p home state node "$1/repository"; touch envoy node/node; chown "$2" home state
mount --bind "$3" node/node; mount --bind "$4" envoy; mount --bind "$5" "$1/repository"
dir=$1 uid=$2 from=$5; shift 5; main=$1; shift
cd "$dir/repository"
exec setpriv --reuid="$uid" --regid="$uid" --clear-groups -- "$dir/node/node" "$dir/repository\${main#"$from"}" "$@"`;
  const args = [dir, String(uid), process.execPath, testEnvoy(), root];
  return {
    command: ["unshare", "--mount", "--propagation", "private", "--", "sh", "-c", script, "sh", ...args],
    nodeFolder,
    envoy,
  };
}
