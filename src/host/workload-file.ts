import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "./state.ts";
import type { Workload } from "./workload.ts";

const fileName = "workload.json";

/** Keeps what a Pod was made of beside it, for the control plane that takes it over before it has read any file. */
export function writeWorkload(folder: string, workload: Workload): void {
  writeWhole(join(folder, fileName), JSON.stringify(workload));
}

/** The workload of a Pod's folder; its origin knows the object's own place alone. Undefined where there is none. */
export function readWorkload(folder: string): Workload | undefined {
  try {
    const workload = JSON.parse(readFileSync(join(folder, fileName), "utf8")) as Workload;
    const { file, line, column, at } = workload.origin;
    return { ...workload, origin: { file, line, column, at, locate: () => ({ file, line, column }) } };
  } catch {
    return undefined;
  }
}
