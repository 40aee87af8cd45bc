import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { meshId } from "./marks.ts";

/**
 * Folder for a mesh's sockets, made when it is not there. A unix socket's name has at most 107 bytes: where the state folder's own name is
 * long, sockets live in a short one. Throws when that one belongs to somebody else.
 */
export function runFolderOf(stateDir: string): string {
  const inside = join(stateDir, "run");
  const folder = inside.length <= 85 ? inside : join(tmpdir(), `weft-${meshId(stateDir)}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || (process.getuid !== undefined && found.uid !== process.getuid())) {
    throw new Error(`${folder}: belongs to another user; remove it, or choose another state folder`);
  }
  return folder;
}

/** Where the keeper of a mesh listens for orders. */
export function keeperSocket(runFolder: string): string {
  return join(runFolder, "keeper.sock");
}
