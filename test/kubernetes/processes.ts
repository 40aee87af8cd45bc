import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";

/** A program that runs in the background; its output is in `log`. */
export interface Running {
  readonly name: string;
  readonly pid: number;
  readonly log: string;
  /** Whether it has ended, wanted or not. */
  ended(): boolean;
  /** The last lines that it wrote. */
  tail(lines?: number): string;
  /** Ends it, with SIGKILL where it does not go within `graceMs`. Does nothing where it has ended. Answers its exit code; null where a signal ended it. */
  stop(graceMs?: number): Promise<number | null>;
}

/** Starts a program that does not outlive the thread which starts it, however that one ends. */
export function background(name: string, command: readonly string[], log: string, cwd: string): Running {
  const out = openSync(log, "a");
  const child: ChildProcess = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...command], {
    cwd,
    stdio: ["ignore", out, out],
  });
  closeSync(out);
  let failure = "";
  child.once("error", (error) => {
    failure = error.message;
  });
  const gone = () => child.exitCode !== null || child.signalCode !== null || failure !== "";
  return {
    name,
    pid: child.pid ?? 0,
    log,
    ended: gone,
    tail: (lines = 15) => `${failure}${readFileSync(log, "utf8").trimEnd().split("\n").slice(-lines).join("\n")}`,
    async stop(graceMs = 5_000) {
      if (gone()) return child.exitCode;
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      const hard = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await exit;
      clearTimeout(hard);
      return child.exitCode;
    },
  };
}

/** Looks every 50 ms until something holds. Throws after `limitMs`, or at once where a program that it needs has ended, with its last words. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  needs: readonly Running[] = [],
  limitMs = 60_000,
): Promise<void> {
  const begun = performance.now();
  while (!(await holds())) {
    const dead = needs.find((one) => one.ended());
    if (dead !== undefined) throw new Error(`${dead.name} ended before ${what}:\n${dead.tail()}`);
    if (performance.now() - begun > limitMs) {
      const words = needs.map((one) => `${one.name}:\n${one.tail()}`).join("\n");
      throw new Error(`after ${limitMs / 1000} s it does not hold that ${what}\n${words}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
