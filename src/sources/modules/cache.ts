import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Modules on disk, each under the name of its checksum: another content is another file. */
export class ModuleCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps what was fetched from a URL; the answer is its file. Throws where it is no module, or not the one that `sha256` ("" is any) says. */
  keep(url: string, sha256: string, bytes: Uint8Array): string {
    if (!isModule(bytes)) throw new Error("it is not a WebAssembly module");
    const found = digest(bytes);
    if (sha256 !== "" && found !== sha256) throw new Error(`its sha256 is ${found}, not ${sha256}`);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writeAtOnce(this.#file(found), bytes);
    writeAtOnce(this.#index(url), Buffer.from(found));
    return this.#file(found);
  }

  /** What was kept of a URL before. */
  find(url: string, sha256: string): string | undefined {
    try {
      const found = sha256 === "" ? readFileSync(this.#index(url), "utf8") : sha256;
      return statSync(this.#file(found)).isFile() ? this.#file(found) : undefined;
    } catch {
      return undefined;
    }
  }

  #file(sha256: string): string {
    return join(this.#folder, `${sha256}.wasm`);
  }

  #index(url: string): string {
    return join(this.#folder, `${digest(Buffer.from(url))}.url`);
  }
}

/** Changes when the file does; "" where it cannot be looked at. */
export function stampOf(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return "";
  }
}

function isModule(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && Buffer.from(bytes.subarray(0, 4)).equals(Buffer.from("\0asm"));
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A reader sees all of it or nothing. */
function writeAtOnce(path: string, bytes: Uint8Array): void {
  writeFileSync(`${path}.part`, bytes, { mode: 0o600 });
  renameSync(`${path}.part`, path);
}
