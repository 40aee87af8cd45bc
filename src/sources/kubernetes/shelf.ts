import { isDeepStrictEqual } from "node:util";
import { type KubernetesObject, keyOf } from "../../kubernetes/object.ts";
import type { Sink } from "../../kubernetes/watch-options.ts";
import type { Change } from "../../model/change.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Resource } from "../../model/resource.ts";
import { type DecodeOptions, decode } from "./decode.ts";
import type { ReadKind } from "./kinds.ts";

/** What a shelf asks, and whom it tells. */
export interface ShelfOptions extends DecodeOptions {
  /** Whether an object is for this control plane at all: its namespace is chosen, its revision is ours. */
  readonly wants: (object: KubernetesObject) => boolean;
  readonly onChange: (change: Change) => void;
  /** What is wrong with an object is another, though what is in force is the same. */
  readonly onDiagnosis: () => void;
  /** Everything that the collection had at one moment has been told. */
  readonly onListed: () => void;
}

interface Entry {
  readonly version: string;
  /** In force; what it said before where it says something bad now; absent where it never said anything good. */
  readonly resource?: Resource;
  readonly diagnostics: readonly Diagnostic[];
}

const none: readonly Diagnostic[] = Object.freeze([]);

/** The objects of one collection that are kept, and what is wrong with them. */
export class Shelf implements Sink {
  readonly #options: ShelfOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #faulty = new Set<string>();
  #kind: ReadKind;

  constructor(kind: ReadKind, options: ShelfOptions) {
    this.#kind = kind;
    this.#options = options;
  }

  get kind(): ReadKind {
    return this.#kind;
  }

  /** The same objects come in another version from now on: each is read again. */
  readAs(kind: ReadKind): void {
    if (kind.resource.version === this.#kind.resource.version) return;
    this.#kind = kind;
    for (const [key, entry] of this.#entries) this.#entries.set(key, { ...entry, version: "" });
  }

  keys(): Iterable<string> {
    return this.#entries.keys();
  }

  version(key: string): string | undefined {
    return this.#entries.get(key)?.version;
  }

  get(key: string): Resource | undefined {
    return this.#entries.get(key)?.resource;
  }

  resources(): readonly Resource[] {
    return [...this.#entries.values()].flatMap(({ resource }) => resource ?? []);
  }

  diagnostics(): readonly Diagnostic[] {
    return [...this.#faulty].sort().flatMap((key) => this.#entries.get(key)?.diagnostics ?? []);
  }

  put(object: KubernetesObject): void {
    const key = keyOf(object);
    if (!this.#options.wants(object)) {
      this.remove(key);
      return;
    }
    const before = this.#entries.get(key)?.resource;
    const { resource: read, refused, diagnostics } = decode(this.#kind, object, this.#options);
    const next = refused || read === undefined ? before : before !== undefined && same(before, read) ? before : read;
    this.#entries.set(key, {
      version: object.metadata.resourceVersion ?? "",
      ...(next === undefined ? {} : { resource: next }),
      diagnostics: diagnostics.length === 0 ? none : diagnostics,
    });
    const wasFaulty = this.#faulty.has(key);
    if (diagnostics.length > 0) this.#faulty.add(key);
    else this.#faulty.delete(key);
    if (next !== undefined && next !== before) this.#options.onChange({ put: next });
    else if (wasFaulty || diagnostics.length > 0) this.#options.onDiagnosis();
  }

  remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    if (this.#faulty.delete(key)) this.#options.onDiagnosis();
    if (entry.resource === undefined) return;
    const { type, namespace, name } = entry.resource;
    this.#options.onChange({ remove: { type, namespace, name } });
  }

  /** Forgets all objects for which `gone` holds; labels are those of what is in force. */
  drop(gone: (namespace: string, labels: Resource["labels"]) => boolean): void {
    for (const [key, { resource }] of [...this.#entries]) {
      const slash = key.indexOf("/");
      if (gone(slash < 0 ? "" : key.slice(0, slash), resource?.labels ?? {})) this.remove(key);
    }
  }

  listed(): void {
    this.#options.onListed();
  }
}

/** Whether two readings of an object say the same to the mesh. */
function same({ origin: _a, ...a }: Resource, { origin: _b, ...b }: Resource): boolean {
  return isDeepStrictEqual(a, b);
}
