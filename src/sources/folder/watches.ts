import { dirname, join } from "node:path";
import type { Disk } from "./disk.ts";

interface Entry {
  close: (() => void) | undefined;
  /** Which folder is watched: the system watches a folder, not its path. */
  id: string | undefined;
  readonly folders: Set<string>;
  readonly links: Set<string>;
}

/**
 * One system watch for each real folder, however many paths lead to it. A link to a file also watches the folder of its target, so that a
 * change there, or a swap of links on the way (a ConfigMap's `..data`), is noticed.
 */
export class Watches {
  readonly #disk: Disk;
  readonly #changed: (path: string) => void;
  /** Real folder → how to close its watch, and the paths to look at when something in it changes. */
  readonly #byReal = new Map<string, Entry>();
  readonly #realOf = new Map<string, string>();
  /** True while some folder could not be watched: then somebody has to look by the clock. */
  incomplete = false;

  constructor(disk: Disk, changed: (path: string) => void) {
    this.#disk = disk;
    this.#changed = changed;
  }

  /** Watches a folder. False where it is one of its own ancestors by a link: then it must not be entered. */
  open(folder: string, root: string): boolean {
    const real = this.#disk.real(folder);
    for (let above = dirname(folder); folder !== root && above.length >= root.length; above = dirname(above)) {
      if (this.#realOf.get(above) === real) return false;
    }
    const before = this.#realOf.get(folder);
    if (before !== undefined && before !== real) this.#leave(folder, before);
    this.#realOf.set(folder, real);
    this.#entry(real).folders.add(folder);
    return true;
  }

  /** Follows a file that is a link to where it leads. */
  follow(path: string): void {
    if (!this.#disk.isLink(path)) return;
    this.#entry(dirname(this.#disk.real(path))).links.add(path);
  }

  /** Ends the watches of a folder and all below it; false if there were none. */
  drop(folder: string): boolean {
    let dropped = false;
    for (const [path, real] of [...this.#realOf]) {
      if (path !== folder && !path.startsWith(`${folder}/`)) continue;
      this.#leave(path, real);
      dropped = true;
    }
    return dropped;
  }

  close(): void {
    for (const { close } of this.#byReal.values()) close?.();
    this.#byReal.clear();
    this.#realOf.clear();
  }

  #leave(folder: string, real: string): void {
    this.#realOf.delete(folder);
    const entry = this.#byReal.get(real);
    entry?.folders.delete(folder);
    if (entry === undefined || entry.folders.size > 0 || entry.links.size > 0) return;
    entry.close?.();
    this.#byReal.delete(real);
  }

  #entry(real: string): Entry {
    const known = this.#byReal.get(real);
    const id = this.#disk.stat(real)?.id;
    if (known?.close !== undefined && known.id === id) return known;
    known?.close?.();
    const entry = known ?? { close: undefined, id, folders: new Set<string>(), links: new Set<string>() };
    entry.id = id;
    entry.close = this.#disk.watch(real, (name) => this.#event(real, name));
    if (entry.close === undefined && id !== undefined) this.incomplete = true;
    this.#byReal.set(real, entry);
    return entry;
  }

  #event(real: string, name: string | null): void {
    const entry = this.#byReal.get(real);
    if (entry === undefined) return;
    for (const link of entry.links) this.#changed(link);
    const moved = this.#disk.stat(real)?.id !== entry.id;
    for (const folder of entry.folders) {
      // A dot-name may be what other names link through; without a name anything may have changed.
      const whole = moved || name === null || (name.startsWith(".") && name !== ".weftignore");
      this.#changed(whole ? folder : join(folder, name));
    }
    if (!moved) return;
    entry.close?.();
    entry.close = undefined;
  }
}
