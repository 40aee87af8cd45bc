import { closeSync, copyFileSync, openSync, readSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export type LogName = "application" | "proxy";

/** Where a Pod's files are. */
export function podFolder(stateDir: string, namespace: string, name: string): string {
  return join(stateDir, "pods", namespace, name);
}

export function logFile(
  stateDir: string,
  pod: { readonly namespace: string; readonly name: string },
  which: LogName,
): string {
  return join(podFolder(stateDir, pod.namespace, pod.name), `${which}.log`);
}

/** A log that has grown beyond this is moved to `.1` and begun again. Bytes. */
const logLimit = 10 * 1024 * 1024;

/**
 * Copies a log that is too long to `.1` and empties it. Its writer keeps its open file, which appends: it needs not to be told, and goes
 * on writing while nobody supervises it. Lines written between copy and cut are lost.
 */
export function rotate(file: string, limit = logLimit): boolean {
  if (sizeOf(file) <= limit) return false;
  copyFileSync(file, `${file}.1`);
  truncateSync(file, 0);
  return true;
}

/** The text of a log from its older part on; with `follow`, what is written from now on too, until `signal` aborts. */
export async function* readLog(file: string, follow: boolean, signal?: AbortSignal): AsyncGenerator<string> {
  for (const part of [...chunks(`${file}.1`, 0)]) yield part.text;
  let at = 0;
  for (;;) {
    const size = sizeOf(file);
    if (size < at) at = 0;
    for (const part of chunks(file, at)) {
      at = part.end;
      yield part.text;
    }
    if (!follow || signal?.aborted) return;
    await sleep(150);
  }
}

/** Pieces of whole lines from `start` to the end; the last piece may end in the middle of a line. */
function* chunks(file: string, start: number): Generator<{ text: string; end: number }> {
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch {
    return;
  }
  try {
    const buffer = Buffer.allocUnsafe(64 * 1024);
    let at = start;
    for (;;) {
      const length = readSync(fd, buffer, 0, buffer.length, at);
      if (length === 0) return;
      const newline = buffer.lastIndexOf(10, length - 1);
      const end = newline >= 0 && newline < length ? newline + 1 : length;
      at += end;
      yield { text: buffer.toString("utf8", 0, end), end: at };
    }
  } finally {
    closeSync(fd);
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}
