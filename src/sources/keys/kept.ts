import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { verifyingKeys } from "../../std/json-web-keys.ts";

/** Keys as they were fetched. */
export interface KeptKeys {
  /** JSON Web Key Set. */
  readonly keys: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Key sets on disk, for a program that starts while an issuer is down. Only its own user may write them: who could would be every issuer. */
export class KeyFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What was kept of it; undefined where nothing was, or nothing that can be read. */
  find(name: string): KeptKeys | undefined {
    try {
      const { of, at, keys } = JSON.parse(readFileSync(this.#file(name), "utf8")) as Record<string, unknown>;
      const good = typeof keys === "string" ? verifyingKeys(keys, false) : undefined;
      return of === name && typeof at === "number" && good !== undefined ? { keys: good, at } : undefined;
    } catch {
      return undefined;
    }
  }

  /** Throws where the disk does. A reader sees all of it or nothing. */
  keep(name: string, { keys, at }: KeptKeys): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const file = this.#file(name);
    writeFileSync(`${file}.part`, JSON.stringify({ of: name, at, keys }), { mode: 0o600 });
    renameSync(`${file}.part`, file);
  }

  #file(name: string): string {
    return join(this.#folder, `${createHash("sha256").update(name).digest("hex")}.json`);
  }
}
