import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import type { Ref } from "../model/resource.ts";

/** The folder name of objects that live in no namespace. */
const clusterScoped = "_cluster";
const tombstone = ".deleted";

/**
 * Writes one object into an overlay folder as `<type>/<namespace>/<name>.yaml`, and takes its tombstone away. Atomic: a reader sees the old text or the new one.
 * Answers the file's path. Throws what the file system throws.
 */
export function writeOverlay(folder: string, ref: Ref, yaml: string): string {
  const path = `${pathOf(folder, ref)}.yaml`;
  replace(path, yaml);
  rmSync(`${pathOf(folder, ref)}${tombstone}`, { force: true });
  return path;
}

/** Deletes an object: its overlay file goes, and where `hide` is set (the folders below have it too) a tombstone keeps theirs out of force. */
export function deleteInOverlay(folder: string, ref: Ref, hide: boolean): void {
  const base = pathOf(folder, ref);
  if (hide)
    replace(`${base}${tombstone}`, "This file hides the object of this name. Remove it to take the deletion back.\n");
  rmSync(`${base}.yaml`, { force: true });
}

/** What an overlay says of one object: its text, or that it is hidden, or nothing. */
export interface OverlayState {
  readonly text?: string;
  readonly hidden: boolean;
}

/** Throws what the file system throws but for a file that is not there. */
export function overlayState(folder: string, ref: Ref): OverlayState {
  const base = pathOf(folder, ref);
  const hidden = existsSync(`${base}${tombstone}`);
  return existsSync(`${base}.yaml`) ? { text: readFileSync(`${base}.yaml`, "utf8"), hidden } : { hidden };
}

/** Has the overlay say again of an object what it said. */
export function restoreOverlay(folder: string, ref: Ref, { text, hidden }: OverlayState): void {
  if (text !== undefined) writeOverlay(folder, ref, text);
  else {
    deleteInOverlay(folder, ref, hidden);
    if (!hidden) rmSync(`${pathOf(folder, ref)}${tombstone}`, { force: true });
  }
}

/** Which object a tombstone hides, by its path; undefined where the file is none. Without the folder only whether it is one can be told. */
export function tombstoneOf(path: string, folder = ""): Ref | undefined {
  if (!path.endsWith(tombstone)) return undefined;
  const [type = "", namespace = "", ...rest] = relative(folder, path).split(sep);
  const name = basename(rest.at(-1) ?? path, tombstone);
  return { type, namespace: namespace === clusterScoped ? "" : namespace, name: decode(name) };
}

function pathOf(folder: string, { type, namespace, name }: Ref): string {
  return join(folder, encode(type), namespace === "" ? clusterScoped : encode(namespace), encode(name));
}

/** Names are DNS names, but RBAC's may hold `:`; a leading dot or a slash never gets into a path. */
function encode(part: string): string {
  return encodeURIComponent(part).replace(/^\./, "%2E");
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

let written = 0;

function replace(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const next = join(dirname(path), `.${basename(path)}.${process.pid}.${written++}`);
  try {
    writeFileSync(next, text, { flush: true, mode: 0o600 });
    renameSync(next, path);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}
