import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ref } from "../model/resource.ts";
import type { OverlayState } from "../sources/overlay.ts";
import type { RecordedChange, RecordedObject } from "./recorded-changes.ts";

/** One change, with what the overlay said of each object before and after it. */
export type KeptChange = RecordedChange<KeptObject>;

export interface KeptObject extends RecordedObject {
  readonly before: OverlayState;
  readonly after: OverlayState;
}

const idOf = /^(c([1-9]\d{0,14}))\.json$/;
const unfinished = /^\.c\d+\.\d+$/;
/** No file that was written here is larger; JSON writes a character as six at most. */
const mostRead = 128 * 1024 * 1024;

/** The changes of a folder, the latest first. What is no change (a torn file, somebody else's) is left out and left alone. Throws what the file system throws but for a folder that is not there. */
export function readChanges(folder: string): readonly KeptChange[] {
  const found = namesIn(folder).flatMap((name) => {
    if (unfinished.test(name)) rmSync(join(folder, name), { force: true });
    const [, id, at] = idOf.exec(name) ?? [];
    return id === undefined ? [] : [{ id, number: Number(at), path: join(folder, name) }];
  });
  return found.toSorted((a, b) => b.number - a.number).flatMap(({ id, path }) => readChange(path, id) ?? []);
}

/** The largest number that a change of the folder has, torn files included: theirs are not given again. */
export function lastNumber(folder: string): number {
  return Math.max(0, ...namesIn(folder).map((name) => Number(idOf.exec(name)?.[2] ?? 0)));
}

/** Writes a change, for this user alone. Atomic: who reads sees all of it or none. Throws what the file system throws. */
export function writeChange(folder: string, change: KeptChange): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${change.id}.json`);
  const next = join(folder, `.${change.id}.${process.pid}`);
  try {
    writeFileSync(next, JSON.stringify(change), { flush: true, mode: 0o600 });
    renameSync(next, path);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}

export function forgetChange(folder: string, id: string): void {
  rmSync(join(folder, `${id}.json`), { force: true });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function readChange(path: string, id: string): KeptChange | undefined {
  try {
    if (statSync(path).size > mostRead) return undefined;
    const read: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isChange(read) && read.id === id ? read : undefined;
  } catch {
    return undefined;
  }
}

function isChange(read: unknown): read is KeptChange {
  const { id, at, who, objects } = (read ?? {}) as Partial<Record<keyof KeptChange, unknown>>;
  const isNamed = typeof id === "string" && typeof at === "number" && typeof who === "string";
  return isNamed && Array.isArray(objects) && objects.length > 0 && objects.every(isObject);
}

function isObject(read: unknown): boolean {
  const { ref, before, after, outcome, takenBack } = (read ?? {}) as Partial<Record<keyof KeptObject, unknown>>;
  const { type, namespace, name } = (ref ?? {}) as Partial<Record<keyof Ref, unknown>>;
  return (
    [type, namespace, name, outcome].every((one) => typeof one === "string") &&
    ["created", "configured", "deleted"].includes(String(outcome)) &&
    typeof takenBack === "boolean" &&
    [before, after].every(isState)
  );
}

function isState(read: unknown): boolean {
  const { text, hidden } = (read ?? {}) as Partial<Record<keyof OverlayState, unknown>>;
  return typeof hidden === "boolean" && (text === undefined || typeof text === "string");
}
