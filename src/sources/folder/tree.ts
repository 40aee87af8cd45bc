import { join, resolve } from "node:path";
import type { Clock } from "../../std/clock.ts";
import type { Disk } from "./disk.ts";
import { type Ignore, readIgnore } from "./ignore.ts";
import { Watches } from "./watches.ts";

/** A watched folder: as the user named it, and its rank (overlays negative). */
export interface Root {
  readonly folder: string;
  readonly rank: number;
}

/** A file of a tree: the path as the user would write it, where it really is, and its root's. */
export interface TreeFile {
  readonly file: string;
  readonly path: string;
  readonly root: Root;
}

/** What happened to a tree since it was last told: files to read (again), and files that are gone. */
export interface TreeChange {
  readonly changed: readonly TreeFile[];
  readonly gone: readonly TreeFile[];
  /** Roots that are not there now. */
  readonly missing: readonly string[];
}

export interface TreeOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly roots: readonly Root[];
  /** Which file names are read. */
  readonly reads: (name: string) => boolean;
  /** Quiet time after a change before it is told, in ms. */
  readonly quietMs: number;
  /** How often to look where nothing can be watched, in ms. */
  readonly pollMs: number;
}

/** Many changes at once: perhaps more than the system told. */
const flood = 400;
/** For how long a file that grows is left alone, in ms. */
const growingMs = 2000;
const ignoreFile = ".weftignore";

/** The files below some folders, kept up to date by watching each folder. Only what changed is looked at again. */
export class FolderTree {
  readonly #options: TreeOptions;
  readonly #watches: Watches;
  readonly #files = new Map<string, { readonly tree: TreeFile; stamp: string }>();
  readonly #ignores = new Map<string, Ignore>();
  /** What is to be looked at, and how it was when that was noted. */
  readonly #dirty = new Map<string, string | undefined>();
  #listener: (change: TreeChange) => void = () => {};
  #cancelQuiet: (() => void) | undefined;
  #cancelPoll: (() => void) | undefined;
  #missing: ReadonlySet<string> = new Set();
  #firstDirtyAt = 0;
  #stopped = false;

  constructor(options: TreeOptions) {
    this.#options = options;
    this.#watches = new Watches(options.disk, (path) => this.#mark(path));
  }

  /** Looks at everything, and from then on tells each change. */
  start(listener: (change: TreeChange) => void): TreeChange {
    this.#listener = listener;
    const change = this.#look(this.#options.roots.map((r) => absolute(r)));
    this.#schedulePoll();
    return change;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelQuiet?.();
    this.#cancelPoll?.();
    this.#watches.close();
  }

  #mark(path: string): void {
    if (this.#stopped) return;
    const { clock, quietMs } = this.#options;
    if (this.#dirty.size === 0) this.#firstDirtyAt = clock.now();
    this.#dirty.set(path, this.#stampOf(path));
    // A file that is written without a pause is read all the same, now and then.
    if (this.#cancelQuiet !== undefined && clock.now() - this.#firstDirtyAt > quietMs * 6) return;
    this.#cancelQuiet?.();
    this.#cancelQuiet = clock.after(quietMs, () => this.#tell());
  }

  #tell(): void {
    const { clock, quietMs } = this.#options;
    this.#cancelQuiet = undefined;
    if (clock.now() - this.#firstDirtyAt < growingMs && this.#isGrowing()) {
      this.#cancelQuiet = clock.after(quietMs, () => this.#tell());
      return;
    }
    const paths = [...this.#dirty.keys()];
    this.#dirty.clear();
    this.#send(this.#look(paths));
    if (paths.length > flood) for (const root of this.#options.roots) this.#mark(absolute(root));
  }

  /** The system tells of a write when it is over; a long one shows by the file alone. */
  #isGrowing(): boolean {
    const changed = [...this.#dirty].flatMap(([path, before]) => {
      const now = this.#stampOf(path);
      return now === before ? [] : [[path, now] as const];
    });
    for (const [path, stamp] of changed) this.#dirty.set(path, stamp);
    return changed.length > 0;
  }

  #stampOf(path: string): string | undefined {
    const found = this.#options.disk.stat(path);
    return found?.kind === "file" ? found.stamp : undefined;
  }

  #send(change: TreeChange): void {
    this.#schedulePoll();
    this.#listener(change);
  }

  /** Only what cannot be watched is looked at by the clock: a folder that is not there, or all when the system has no watches left. */
  #schedulePoll(): void {
    const needed = this.#missing.size > 0 || this.#watches.incomplete;
    if (this.#stopped || this.#cancelPoll !== undefined || !needed) return;
    this.#cancelPoll = this.#options.clock.after(this.#options.pollMs, () => {
      this.#cancelPoll = undefined;
      const roots = this.#options.roots.filter((r) => this.#watches.incomplete || this.#missing.has(r.folder));
      this.#send(this.#look(roots.map((r) => absolute(r))));
    });
  }

  #look(paths: readonly string[]): TreeChange {
    const look: Look = { changed: new Map(), gone: new Map() };
    const missing = this.#options.roots.filter((r) => this.#options.disk.stat(absolute(r))?.kind !== "folder");
    this.#missing = new Set(missing.map((r) => r.folder));
    // A folder that is lost keeps what it said; an overlay that is removed says nothing more.
    for (const root of missing.filter((r) => r.rank < 0)) this.#forgetBelow(absolute(root), look);
    for (const path of paths) {
      const root = this.#options.roots.find((r) => within(path, absolute(r)) && !missing.includes(r));
      if (root !== undefined) this.#visit(root, path, look);
    }
    for (const file of look.changed.keys()) look.gone.delete(file);
    return {
      changed: [...look.changed.values()],
      gone: [...look.gone.values()],
      missing: missing.map((r) => r.folder),
    };
  }

  #visit(root: Root, path: string, look: Look): void {
    const base = absolute(root);
    if (path === join(base, ignoreFile)) {
      this.#ignores.delete(base);
      this.#visit(root, base, look);
      return;
    }
    const found = this.#isLeftOut(root, path) ? undefined : this.#options.disk.stat(path);
    if (found?.kind === "folder") {
      this.#visitFolder(root, path, look);
      return;
    }
    this.#forgetBelow(path, look);
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (found?.kind !== "file" || !this.#options.reads(name) || this.#isIgnored(root, path, false)) {
      this.#forget(path, look);
      return;
    }
    this.#watches.follow(path);
    const known = this.#files.get(path);
    if (known?.stamp === found.stamp) return;
    const tree = known?.tree ?? { file: shown(root, path), path, root };
    this.#files.set(path, { tree, stamp: found.stamp });
    look.changed.set(path, tree);
  }

  #visitFolder(root: Root, folder: string, look: Look): void {
    this.#forget(folder, look);
    if (folder !== absolute(root) && this.#isIgnored(root, folder, true)) {
      this.#forgetBelow(folder, look);
      return;
    }
    const names = this.#watches.open(folder, absolute(root)) ? this.#options.disk.list(folder) : undefined;
    if (names === undefined) return;
    const there = new Set(names.map((name) => join(folder, name)));
    for (const known of this.#files.keys()) {
      if (!within(known, folder)) continue;
      const child = join(folder, known.slice(folder.length + 1).split("/")[0] ?? "");
      if (!there.has(child)) this.#forget(known, look);
    }
    for (const path of there) if (path !== join(absolute(root), ignoreFile)) this.#visit(root, path, look);
  }

  #forget(path: string, look: Look): void {
    const known = this.#files.get(path);
    if (known === undefined) return;
    this.#files.delete(path);
    look.changed.delete(path);
    look.gone.set(path, known.tree);
  }

  #forgetBelow(folder: string, look: Look): void {
    if (!this.#watches.drop(folder)) return;
    for (const path of [...this.#files.keys()]) {
      if (path !== folder && within(path, folder)) this.#forget(path, look);
    }
  }

  /** Dot-folders, dot-files and node_modules, anywhere below the root. */
  #isLeftOut(root: Root, path: string): boolean {
    const rest = path.slice(absolute(root).length + 1);
    return rest !== "" && rest.split("/").some((name) => name.startsWith(".") || name === "node_modules");
  }

  #isIgnored(root: Root, path: string, isFolder: boolean): boolean {
    const base = absolute(root);
    const ignore = this.#ignores.get(base) ?? this.#readIgnore(base);
    const names = path.slice(base.length + 1).split("/");
    return names.some((_, i) => ignore(names.slice(0, i + 1).join("/"), isFolder || i < names.length - 1));
  }

  #readIgnore(base: string): Ignore {
    const path = join(base, ignoreFile);
    let ignore: Ignore = () => false;
    try {
      if (this.#options.disk.stat(path)?.kind === "file")
        ignore = readIgnore(new TextDecoder().decode(this.#options.disk.read(path)));
    } catch {
      // An unreadable list ignores nothing.
    }
    this.#ignores.set(base, ignore);
    return ignore;
  }
}

interface Look {
  readonly changed: Map<string, TreeFile>;
  readonly gone: Map<string, TreeFile>;
}

function absolute(root: Root): string {
  return resolve(root.folder);
}

function within(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** The path below the folder's name as it was given. */
function shown(root: Root, path: string): string {
  return join(root.folder, path.slice(absolute(root).length + 1));
}
