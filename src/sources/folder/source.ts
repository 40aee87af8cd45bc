import type { Source, SourceEvent } from "../../model/change.ts";
import { codes } from "../../model/codes.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Resource } from "../../model/resource.ts";
import type { Clock } from "../../std/clock.ts";
import { type GatewayRouterOptions, GatewayRouters } from "../gateway-routers/routers.ts";
import { tombstoneOf } from "../overlay.ts";
import { maxBytes, tooLarge, unreadable, type Validate } from "../text/text.ts";
import { type AddressRanges, VirtualAddresses } from "../virtual-addresses.ts";
import { Catalogue } from "./catalogue.ts";
import { type Disk, nodeDisk } from "./disk.ts";
import { FolderTree, type TreeChange, type TreeFile } from "./tree.ts";

/** How to read and watch folders of YAML. */
export interface FolderOptions {
  /** As the user named them; an earlier one wins where two files name one object. */
  readonly folders: readonly string[];
  /** A folder whose objects have precedence over all of `folders`; it need not exist yet. */
  readonly overlay?: string;
  /** Folders whose objects give way, without a word, to any other of the same name: what the program brings along. */
  readonly underlays?: readonly string[];
  /** Judges each object by itself; one with an Error is refused. */
  readonly validate: Validate;
  /** Fills in what an API server would (defaults of the kind's schema); called for objects that take force. */
  readonly complete?: (resource: Resource) => Resource;
  readonly clock: Clock;
  readonly disk?: Disk;
  readonly addresses?: AddressRanges;
  /** Whether routers are made for Gateways of Gateway API, and how; absent: none. */
  readonly routers?: GatewayRouterOptions;
  /** Quiet time after a save before it is read, in ms. */
  readonly quietMs?: number;
  /** How long a loss of objects must last before it is believed, in ms: an editor may be between two writes. */
  readonly lossMs?: number;
}

const readable = /\.(ya?ml|json)$/i;

/** A Source over folders of YAML and JSON files, watched. */
export function folderSource(options: FolderOptions): Source {
  return new FolderSource(options);
}

class FolderSource implements Source {
  readonly name: string;
  readonly #options: FolderOptions;
  readonly #disk: Disk;
  readonly #catalogue: Catalogue;
  readonly #routers: GatewayRouters | undefined;
  readonly #tree: FolderTree;
  /** Files whose latest state is not in force yet; `undefined` for one that is gone. */
  readonly #pending = new Map<string, { readonly tree: TreeFile; readonly gone: boolean }>();
  #listener: (event: SourceEvent) => void = () => {};
  #missing: readonly string[] = [];
  #cancelLoss: (() => void) | undefined;
  #heldSince: number | undefined;

  constructor(options: FolderOptions) {
    this.#options = options;
    this.name = `folder ${options.folders.join(", ")}`;
    this.#disk = options.disk ?? nodeDisk;
    const addresses = new VirtualAddresses(options.addresses);
    this.#catalogue = new Catalogue(options.validate, addresses, options.complete);
    this.#routers = options.routers && new GatewayRouters(addresses, options.routers);
    const underlays = (options.underlays ?? []).map((folder) => ({ folder, rank: Number.POSITIVE_INFINITY }));
    const roots = [...options.folders.map((folder, rank) => ({ folder, rank })), ...underlays];
    this.#tree = new FolderTree({
      disk: this.#disk,
      clock: options.clock,
      roots: options.overlay === undefined ? roots : [{ folder: options.overlay, rank: -1 }, ...roots],
      reads: (name) => readable.test(name) || tombstoneOf(name) !== undefined,
      quietMs: options.quietMs ?? 25,
      pollMs: 500,
    });
  }

  async start(listener: (event: SourceEvent) => void): Promise<void> {
    this.#listener = listener;
    const first = this.#tree.start((change) => this.#hear(change));
    this.#missing = first.missing;
    for (const tree of first.changed) this.#read(tree);
    this.#emit(true);
  }

  async stop(): Promise<void> {
    this.#cancelLoss?.();
    this.#tree.stop();
  }

  #hear(change: TreeChange): void {
    for (const tree of change.gone) this.#pending.set(tree.path, { tree, gone: true });
    for (const tree of change.changed) this.#pending.set(tree.path, { tree, gone: false });
    const lost = change.missing.join() !== this.#missing.join();
    this.#missing = change.missing;
    this.#cancelLoss?.();
    this.#cancelLoss = undefined;
    const now = this.#options.clock.now();
    const lossMs = this.#options.lossMs ?? 75;
    this.#heldSince ??= now;
    if (this.#pending.size > 0 && now - this.#heldSince < lossMs * 8 && this.#isLoss()) {
      this.#cancelLoss = this.#options.clock.after(lossMs, () => this.#settle(false));
      if (lost) this.#emit(false);
      return;
    }
    this.#settle(lost);
  }

  /** Whether what is pending would withdraw an object: half of a move, or half of a save. */
  #isLoss(): boolean {
    return [...this.#pending.values()].some(({ tree, gone }) => {
      if (gone) return true;
      const text = tombstoneOf(tree.path) === undefined ? this.#text(tree) : undefined;
      return typeof text === "string" && this.#catalogue.loses(key(tree), text);
    });
  }

  #settle(force: boolean): void {
    this.#heldSince = undefined;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { tree, gone } of pending) this.#read(tree, gone);
    if (pending.length > 0 || force) this.#emit(force);
  }

  #read(tree: TreeFile, isGone = false): void {
    const hides = tombstoneOf(tree.file, tree.root.folder);
    if (hides !== undefined) {
      if (tree.root.rank < 0) this.#catalogue.hide(hides, tree.file, !isGone);
      return;
    }
    const text = isGone ? undefined : this.#text(tree);
    if (text === undefined) this.#catalogue.remove(tree.file);
    else if (typeof text === "string") this.#catalogue.put(key(tree), text);
    else this.#catalogue.putUnreadable(key(tree), text.reading);
  }

  /** A file's text; undefined if it is gone; else why it cannot be read. */
  #text(tree: TreeFile): string | undefined | { readonly reading: ReturnType<typeof unreadable> } {
    const found = this.#disk.stat(tree.path);
    if (found?.kind !== "file") return undefined;
    if (found.size > maxBytes) return { reading: tooLarge(tree.file, found.size) };
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(this.#disk.read(tree.path));
    } catch (error) {
      return { reading: unreadable(tree.file, readFault(error as Error)) };
    }
  }

  #emit(always: boolean): void {
    const event = this.#catalogue.flush(this.#options.clock.now());
    const missing = this.#missing.filter((folder) => folder !== this.#options.overlay).map(folderGone);
    const changes = [...event.changes, ...(this.#routers?.follow(event.changes) ?? [])];
    const diagnostics = [...missing, ...event.diagnostics, ...(this.#routers?.diagnostics ?? [])];
    const told = JSON.stringify(diagnostics);
    if (!always && changes.length === 0 && told === this.#told) return;
    this.#told = told;
    this.#listener({ changes, diagnostics });
  }

  #told = "";
}

function key(tree: TreeFile): { file: string; rank: number } {
  return { file: tree.file, rank: tree.root.rank };
}

function readFault(error: Error): Diagnostic {
  if (error instanceof TypeError) {
    return { code: codes.syntax, level: "Error", message: "the file is not UTF-8", fix: "save it as UTF-8" };
  }
  const reason = (error as NodeJS.ErrnoException).code ?? error.message;
  return {
    code: codes.unreadable,
    level: "Error",
    message: `the file cannot be read (${reason})`,
    fix: "check its permissions",
  };
}

function folderGone(folder: string): Diagnostic {
  return {
    code: codes.folderGone,
    level: "Error",
    position: { file: folder, line: 1, column: 1 },
    message: "there is no such folder; what it said before stays in force",
    fix: "make the folder, or name another",
  };
}
