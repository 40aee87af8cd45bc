import { readdirSync, readFileSync } from "node:fs";

/** CPU time (user and system) of all threads of a process so far, in seconds, as the scheduler counts it: to the nanosecond. */
export function cpuSeconds(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => sum + threadSeconds(pid, Number(task)), 0);
}

/** The same of the main thread alone. */
export function mainThreadSeconds(pid: number): number {
  return threadSeconds(pid, pid);
}

function threadSeconds(pid: number, task: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]) / 1e9;
  } catch {
    return 0; // It ended meanwhile.
  }
}

/** A field of /proc/PID/status in MiB: `VmRSS` now, `VmHWM` at its peak, `RssAnon` what is its own. */
export function memoryMiB(pid: number, field: "VmRSS" | "VmHWM" | "RssAnon"): number {
  const found = readFileSync(`/proc/${pid}/status`, "utf8").match(new RegExp(`^${field}:\\s+(\\d+)`, "m"));
  return Number(found?.[1] ?? 0) / 1024;
}

/** Running processes whose command line holds all of these words. */
export function processesOf(...words: string[]): number[] {
  const found: number[] = [];
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const line = readFileSync(`/proc/${entry}/cmdline`, "utf8");
      if (words.every((word) => line.includes(word))) found.push(Number(entry));
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
