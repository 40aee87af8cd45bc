import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** One process of this machine, so that a number used again is not taken for it. */
export interface ProcessId {
  readonly pid: number;
  /** When the kernel started it, as the kernel writes it (clock ticks since boot on Linux). */
  readonly startedAt: string;
}

/** The process that has this number now; undefined when there is none, or only its remains that nobody has collected. */
export function processId(pid: number): ProcessId | undefined {
  return process.platform === "linux" ? fromProc(pid) : fromPs(pid);
}

/** True while the very process that was meant runs. */
export function alive(id: ProcessId): boolean {
  return processId(id.pid)?.startedAt === id.startedAt;
}

/** Sends a signal to the process, or with `group` to its whole process group; false when it is gone already. */
export function signal(id: ProcessId, name: NodeJS.Signals, group = false): boolean {
  if (!alive(id)) return false;
  try {
    return process.kill(group ? -id.pid : id.pid, name);
  } catch {
    return false;
  }
}

function fromProc(pid: number): ProcessId | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The name (field 2) may hold anything: count from its closing bracket. Then come the state and, 19 fields on, the start time.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, startedAt] = [fields[0], fields[19]];
  return state === "Z" || state === "X" || startedAt === undefined ? undefined : { pid, startedAt };
}

function fromPs(pid: number): ProcessId | undefined {
  try {
    const line = execFileSync("ps", ["-o", "state=,lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return line === "" || line.startsWith("Z") ? undefined : { pid, startedAt: line.slice(line.indexOf(" ")).trim() };
  } catch {
    return undefined;
  }
}
