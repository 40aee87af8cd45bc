import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { type ProcessId, processId, signal } from "../agent/process.ts";

/** Six characters that name a mesh on this machine: those of its folder and of its user. */
export function meshId(stateDir: string): string {
  // Inside a user namespace everybody is root: the user outside counts.
  const uid = process.env["WEFT_OUTER_USER"]?.split(":")[0] ?? userInfo().uid;
  return createHash("sha256").update(`${uid}:${stateDir}`).digest("hex").slice(0, 6);
}

/** Variable of each process that a mesh starts; what those start inherits it. */
export const markName = "WEFT_MESH";

export interface Marked {
  readonly id: ProcessId;
  /** Pod that it belongs to; undefined for the keeper and the like. */
  readonly pod: string | undefined;
}

/** Every process of a mesh that runs on this machine now, whoever started it. Empty where there is no /proc. */
export function markedProcesses(mesh: string): Marked[] {
  const found: Marked[] = [];
  for (const entry of processes()) {
    const env = environment(entry);
    if (!env.includes(`${markName}=${mesh}`)) continue;
    const id = processId(entry);
    if (id && entry !== process.pid)
      found.push({ id, pod: env.find((v) => v.startsWith("WEFT_POD="))?.slice("WEFT_POD=".length) });
  }
  return found;
}

/** Ends at once every process of a mesh that `which` picks. */
export function endMarked(mesh: string, which: (marked: Marked) => boolean = () => true): number {
  const doomed = markedProcesses(mesh).filter(which);
  for (const { id } of doomed) signal(id, "SIGKILL");
  return doomed.length;
}

function processes(): number[] {
  try {
    return readdirSync("/proc")
      .map(Number)
      .filter((n) => n > 0);
  } catch {
    return [];
  }
}

function environment(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
  } catch {
    return [];
  }
}
