import { readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import type { CliDeps } from "../cli/deps.ts";
import type { Output } from "../cli/output/output.ts";
import { firstOperand, runCli } from "../cli/program.ts";
import { systemClock } from "./clock.ts";
import { chartsFolder, dataFile } from "./data.ts";
import { version } from "./version.ts";

// Of names that users may write into maps, `__proto__` alone does something in JavaScript. Nobody needs it; without it, it is a name as any other.
Reflect.deleteProperty(Object.prototype, "__proto__");

/** Signals that ask the program to end; one more ends it at once. */
const endings = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What comes within this many ms of the first is the same wish: a group's Ctrl-C arrives by itself and once more by each parent that passes it on. */
const sameWishMs = 1000;

/** Commands that hold something which must be taken away before the end. */
const lasting = ["up", "serve", "cni"].includes(firstOperand(process.argv.slice(2)) ?? "");

const interrupted = new AbortController();
let askedAt = 0;
for (const signal of endings) {
  process.on(signal, () => {
    if (!interrupted.signal.aborted) askedAt = systemClock.now();
    else if (systemClock.now() - askedAt > sameWishMs) process.exit(130);
    interrupted.abort(new Error(`ended by ${signal}`));
  });
}

function output(stream: NodeJS.WriteStream): Output {
  // Whoever reads may go away (`weft get | head`): that is no fault.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    if (!lasting) process.exit(0);
    interrupted.abort(new Error("ended: nobody reads what is printed"));
  });
  return {
    write: (text) => {
      stream.write(text);
    },
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns;
    },
  };
}

async function readStdin(): Promise<string> {
  if (process.stdin.isTTY) return "";
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

/** Whether a process of Weft's has this number: after a restart of the machine it may be anybody's. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("weft");
  } catch {
    return true;
  }
}

/** A container's user may be in no list of users. */
function home(): string {
  try {
    return homedir();
  } catch {
    return tmpdir();
  }
}

const deps: CliDeps = {
  version,
  stdout: output(process.stdout),
  stderr: output(process.stderr),
  readStdin,
  env: process.env,
  cwd: process.cwd(),
  home: home(),
  clock: systemClock,
  processes: { alive, stop: (pid) => process.kill(pid, "SIGTERM") },
  interrupted: interrupted.signal,
  installFolder: dataFile("install"),
  chartsFolder,
  loadValidate: async () => (await import("../analysis/judge.ts")).judge,
  up: async (options, view) => (await import("./up.ts")).up(options, view),
  sweep: async (stateDir) => (await import("../host/sweep.ts")).sweep(stateDir),
  serve: async (options) => (await import("./serve.ts")).serve(options),
  cni: async (options) => (await import("./cni.ts")).cni(options),
  serveCluster: async (options) => (await import("./cluster.ts")).serveCluster(options),
};

// Not process.exit: what was written must get out. Timers and sockets of a command are its own to close.
process.exitCode = await runCli(process.argv.slice(2), deps);
if (lasting) process.exit();
