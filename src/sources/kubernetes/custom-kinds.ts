import { type ServedResource, servedIn } from "../../kubernetes/discover.ts";
import { KubernetesError } from "../../kubernetes/error.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { Watch } from "../../kubernetes/watch.ts";
import type { Sink, WatchOptions } from "../../kubernetes/watch-options.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { kindOf, type Type } from "../../model/resource.ts";
import { backoff } from "../../std/backoff.ts";
import { byPriority, customGroups, customTypes, groupOf, type ReadKind } from "./kinds.ts";
import { missingKinds, unknownVersions } from "./troubles.ts";

export interface CustomKindsOptions {
  /** What a watch of definitions shares with all others. */
  readonly watch: Omit<WatchOptions, "resource" | "sink" | "onState">;
  readonly versionsOf: (type: Type) => readonly string[] | undefined;
  /** A kind is served: from now on, in another version, or still. */
  readonly onServed: (kind: ReadKind) => void;
  /** A kind's definition is gone for certain, and its objects with it. */
  readonly onGone: (type: Type) => void;
  /** Something else is known. */
  readonly onChange: () => void;
}

const definitions = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };

/** How often what is served is asked for where definitions may not be watched; a kind must be missing so often in a row to be gone. */
const pollMs = 30_000;
const certain = 3;
/** A definition is served a moment after it was created. */
const firstLookMs = 100;

/**
 * Which of the kinds that definitions (CRDs) bring are served, and in which version each is read: the best of those that are understood. Follows
 * the definitions themselves, or asks now and then where it may not.
 */
export class CustomKinds {
  readonly #options: CustomKindsOptions;
  readonly #kinds = new Map<Type, ReadKind>();
  readonly #misread = new Map<Type, Diagnostic>();
  readonly #absent = new Map<Type, number>();
  /** Names of definitions with their versions: `virtualservices.networking.istio.io`. */
  readonly #defined = new Map<string, string>();
  /** Whether `#defined` is all there is. */
  #knowsDefined = false;
  #watch: Watch | undefined;
  #cancel = () => {};
  #attempt = 0;
  #asked = false;
  #looking = false;
  #again = false;
  #stopped = false;

  constructor(options: CustomKindsOptions) {
    this.#options = options;
  }

  /** Whether the server has been asked once. */
  get known(): boolean {
    return this.#asked;
  }

  start(): void {
    this.#watch = new Watch({
      ...this.#options.watch,
      resource: definitions,
      metadataOnly: true,
      sink: this.#sink(),
      onState: () => this.#soon(0),
    });
    this.#soon(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#watch?.stop();
  }

  diagnostics(): readonly Diagnostic[] {
    if (!this.#asked) return [];
    const missing = customTypes.filter((type) => !this.#kinds.has(type) && !this.#misread.has(type));
    return [...missingKinds(missing), ...this.#misread.values()];
  }

  #sink(): Sink {
    const changed = (name: string) => {
      if (customGroups.some((group) => name.endsWith(`.${group}`))) this.#soon(firstLookMs);
    };
    return {
      keys: () => this.#defined.keys(),
      version: (key) => this.#defined.get(key),
      put: ({ metadata }: KubernetesObject) => {
        this.#defined.set(metadata.name, metadata.resourceVersion ?? "");
        this.#attempt = 0;
        changed(metadata.name);
      },
      remove: (key) => {
        this.#defined.delete(key);
        changed(key);
      },
      listed: () => {
        this.#knowsDefined = true;
      },
    };
  }

  #soon(ms: number): void {
    if (this.#stopped) return;
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#cancel();
    this.#cancel = this.#options.watch.clock.after(ms, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { client, random, log, lists } = this.#options.watch;
    this.#looking = true;
    let next: number | undefined = this.#watch?.state.kind === "refused" ? pollMs : undefined;
    try {
      const served = await lists.run(() => Promise.all(customGroups.map((group) => servedIn(client, group))));
      if (this.#stopped) return;
      const unsettled = this.#settle(served.flat());
      this.#asked = true;
      if (unsettled) next = Math.min(next ?? pollMs, backoff(this.#attempt++, firstLookMs, pollMs, random));
      else this.#attempt = 0;
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      log.debug("kinds not known", { reason: error.message });
      next = backoff(this.#attempt++, firstLookMs, pollMs, random);
    } finally {
      this.#looking = false;
    }
    this.#options.onChange();
    if (this.#again) next = firstLookMs;
    this.#again = false;
    if (next !== undefined) this.#soon(next);
  }

  /** Whether something is on its way: a definition that is not served yet, or one that may be gone. */
  #settle(served: readonly ServedResource[]): boolean {
    let unsettled = false;
    for (const type of customTypes) {
      const found = served.filter(({ group, kind }) => group === groupOf(type) && kind === kindOf(type));
      if (found.length === 0) {
        if (this.#kinds.has(type)) unsettled = !this.#isGone(type) || unsettled;
        else unsettled ||= this.#isDefined(type);
      } else this.#serve(type, found);
    }
    return unsettled;
  }

  #serve(type: Type, found: readonly ServedResource[]): void {
    this.#absent.delete(type);
    const known = this.#options.versionsOf(type) ?? [];
    const before = this.#kinds.get(type)?.resource.version;
    const versions = found.map(({ version }) => version).sort(byPriority);
    const best = versions.find((version) => known.includes(version));
    if (best === undefined) {
      this.#misread.set(type, unknownVersions(type, versions, known));
      return;
    }
    this.#misread.delete(type);
    const { group, plural, namespaced } = found[0] as ServedResource;
    const version = before !== undefined && versions.includes(before) ? before : best;
    const kind = { type, resource: { group, version, plural }, namespaced };
    this.#kinds.set(type, kind);
    this.#options.onServed(kind);
  }

  /** A server that has just started may not know yet what it serves: the definition itself says it, or time does. */
  #isGone(type: Type): boolean {
    const times = (this.#absent.get(type) ?? 0) + 1;
    this.#absent.set(type, times);
    const watched = this.#watch?.state.kind === "current" && this.#knowsDefined;
    if (watched ? this.#isDefined(type) : times < certain) return false;
    this.#kinds.delete(type);
    this.#absent.delete(type);
    this.#options.onGone(type);
    return true;
  }

  /** The plural of a kind that was never served is not known; the kind is how it begins. */
  #isDefined(type: Type): boolean {
    const plural = this.#kinds.get(type)?.resource.plural;
    if (plural !== undefined) return this.#defined.has(`${plural}.${groupOf(type)}`);
    const begin = kindOf(type).toLowerCase().slice(0, -1);
    return [...this.#defined.keys()].some((name) => name.startsWith(begin) && name.endsWith(`.${groupOf(type)}`));
  }
}
