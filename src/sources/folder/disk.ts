import { type FSWatcher, lstatSync, readdirSync, readFileSync, realpathSync, statSync, watch } from "node:fs";

/** What tells one state of a file from the next without reading it. */
export interface FileStamp {
  readonly kind: "file" | "folder" | "other";
  readonly size: number;
  /** Changes whenever the content may have. */
  readonly stamp: string;
  /** Stays while it is the same file or folder, even under another name. */
  readonly id: string;
}

/** The part of a file system that a folder source needs, so that tests and a simulator can hand in another. */
export interface Disk {
  /** Follows links; undefined where nothing is there. */
  stat(path: string): FileStamp | undefined;
  /** Names in a folder, sorted; undefined where it is none or may not be read. */
  list(path: string): readonly string[] | undefined;
  /** A file's bytes; throws with the system's words. */
  read(path: string): Uint8Array;
  /** The path without links; the path itself where nothing is there. */
  real(path: string): string;
  isLink(path: string): boolean;
  /** Tells of each change directly in a folder, by name where known. Undefined where the system has no watches left. */
  watch(folder: string, changed: (name: string | null) => void): (() => void) | undefined;
}

/** The machine's own file system. */
export const nodeDisk: Disk = {
  stat: (path) => {
    const s = statSync(path, { throwIfNoEntry: false, bigint: true });
    if (s === undefined) return undefined;
    const kind = s.isFile() ? "file" : s.isDirectory() ? "folder" : "other";
    return {
      kind,
      size: Number(s.size),
      stamp: `${s.dev}:${s.ino}:${s.size}:${s.mtimeNs}`,
      id: `${s.dev}:${s.ino}:${s.birthtimeNs}`,
    };
  },
  list: (path) => {
    try {
      return readdirSync(path).sort();
    } catch {
      return undefined;
    }
  },
  read: (path) => readFileSync(path),
  real: (path) => {
    try {
      return realpathSync(path);
    } catch {
      return path;
    }
  },
  isLink: (path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false,
  watch: (folder, changed) => {
    try {
      const watcher: FSWatcher = watch(folder, (_event, name) => changed(name));
      watcher.on("error", () => watcher.close());
      return () => watcher.close();
    } catch {
      return undefined;
    }
  },
};
