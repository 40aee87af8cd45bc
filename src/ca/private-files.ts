import {
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Log } from "../std/log.ts";
import type { KeyHome } from "./key-home.ts";

/** The calls that writing needs; a test hands in a disk that is full. */
export interface Disk {
  open(path: string, mode: number): number;
  write(file: number, text: string): void;
  sync(file: number): void;
  close(file: number): void;
  rename(from: string, to: string): void;
}

const realDisk: Disk = {
  open: (path, mode) =>
    openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, mode),
  write(file, text) {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  },
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
};

/** A folder that only its owner reads: folder 0700, files 0600. */
export class PrivateFiles implements KeyHome {
  readonly folder: string;
  readonly #disk: Disk;
  readonly #log: Log;

  /** Makes the folder where it is missing, and closes it to others where it was open. */
  constructor(folder: string, log: Log, disk: Disk = realDisk) {
    this.folder = folder;
    this.#disk = disk;
    this.#log = log;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#tighten(folder, 0o700);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** The file's text; undefined when there is none. Throws when it cannot be read. */
  read(name: string): string | undefined {
    const path = this.path(name);
    try {
      const text = readFileSync(path, "utf8");
      this.#tighten(path, 0o600);
      return text;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw new Error(
        `${path}: cannot be read (${(error as NodeJS.ErrnoException).code}); let the user that runs Weft own it`,
      );
    }
  }

  /** Writes whole or not at all: the old file stays until the new one is on the disk. */
  write(name: string, text: string): void {
    const path = this.path(name);
    const draft = `${path}.tmp`;
    try {
      const file = this.#disk.open(draft, 0o600);
      try {
        this.#disk.write(file, text);
        this.#disk.sync(file);
      } finally {
        this.#disk.close(file);
      }
      this.#disk.rename(draft, path);
      this.#syncFolder();
    } catch (error) {
      rmSync(draft, { force: true });
      const { code } = error as NodeJS.ErrnoException;
      const fix = code === "ENOSPC" ? "the disk is full; free some space" : `writing failed (${code})`;
      throw new Error(`${path}: ${fix}; what was there before is unchanged`);
    }
  }

  /** Between the look and the write nobody else writes: a folder has one owner. */
  replace(name: string, before: string | undefined, next: string): string {
    const now = this.read(name);
    if (now !== before) return now ?? "";
    this.write(name, next);
    return next;
  }

  /** The rename itself reaches the disk with the folder. */
  #syncFolder(): void {
    const folder = openSync(this.folder, constants.O_RDONLY);
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }

  #tighten(path: string, mode: number): void {
    const now = statSync(path).mode & 0o777;
    if ((now & ~mode) === 0) return;
    this.#log.warn("others could read a private file; closed to them", { path, mode: now.toString(8) });
    chmodSync(path, mode);
  }
}
