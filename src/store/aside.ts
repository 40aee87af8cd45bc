import { closeSync, existsSync, openSync, renameSync, rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Log } from "../std/log.ts";
import { isBroken, messageOf, OtherFormat, openDatabase } from "./schema.ts";

/** Opens a file; one that is broken is moved aside first, with its journals, so that nothing of it is lost or read again. */
export function openOrReplace(path: string, at: number, log: Log): DatabaseSync {
  try {
    closeSync(openSync(path, "a", 0o600)); // who talks to whom is for the owner's eyes
    return openDatabase(path);
  } catch (error) {
    if (!isBroken(error) || !putAside(path, at, error, log)) throw error;
    return openDatabase(path);
  }
}

/** Moves a broken file away, and says so. False where the disk does not let it. */
export function putAside(path: string, at: number, why: unknown, log: Log): boolean {
  try {
    const isOther = why instanceof OtherFormat;
    const aside = asidePath(`${path}.${isOther ? "old" : "broken"}`, at);
    renameSync(path, aside);
    for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
    const what = isOther ? "the traffic history was written by another version" : "the traffic history is broken";
    log.warn(`${path}: ${what} (${messageOf(why)}); it was moved to ${aside} and a new one begun`);
    return true;
  } catch {
    return false;
  }
}

function asidePath(path: string, at: number): string {
  for (let n = at; ; n++) {
    const candidate = `${path}-${n}`;
    if (!existsSync(candidate)) return candidate;
  }
}
