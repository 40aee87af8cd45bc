import { type Difference, difference, EMPTY_SET } from "./difference.ts";
import type { ResourceSet, XdsResource } from "./resource.ts";
import type { Subscription } from "./subscription.ts";

/** In place of a version: whatever the client has, it waits for an answer. */
export const ASKED = "";
/** In place of a version: the client was told that there is none. */
const GONE = "\u0000gone";

/** What should be sent now. */
export interface Plan {
  readonly changed: readonly XdsResource[];
  /** What the client has and should drop; may be held back until nothing refers to it. */
  readonly removed: readonly string[];
  /** What the client asked for and does not exist: an answer that it waits for. */
  readonly absent: readonly string[];
  /** The shared difference, when `changed` is exactly its list. */
  readonly shared?: Difference;
}

export const NOTHING: Plan = { changed: [], removed: [], absent: [] };

/** Says which version of a resource must not be sent. */
export type Refused = (resource: XdsResource) => boolean;

/**
 * What one client has of one type, and what it should have. It has the versions of `#base`, but for the names in `#over` and
 * `#lazy`: so a stream costs one reference for the thousands of resources that it shares with others.
 */
export class ClientState {
  readonly #subscription: Subscription;
  #wanted: ResourceSet | undefined;
  #base: ResourceSet = EMPTY_SET;
  #over = new Map<string, string>();
  /** All of this set was asked for by name, and nothing else was, or sent: instead of an `ASKED` for each in `#over`. */
  #open: ResourceSet | undefined;
  /** Names asked for that are not among the eager ones, with the version that the client has. */
  readonly #lazy = new Map<string, string | undefined>();

  constructor(subscription: Subscription) {
    this.#subscription = subscription;
  }

  get wanted(): ResourceSet | undefined {
    return this.#wanted;
  }

  /** The set that was wanted when client and wish last agreed. */
  get base(): ResourceSet {
    return this.#base;
  }

  /** How many names differ from `base`. */
  get exceptions(): number {
    return this.#over.size + (this.#open?.resources.size ?? 0);
  }

  want(set: ResourceSet): void {
    if (set !== this.#open) this.#spread();
    if (!this.#wanted) {
      for (const name of this.#subscription.names) if (!set.resources.has(name)) this.#lazy.set(name, undefined);
    }
    this.#wanted = set;
  }

  /** The version that the client has; `ASKED` when that is open; undefined when it has none and knows it. */
  has(name: string): string | undefined {
    const over = this.#over.get(name);
    if (over !== undefined) return over === GONE ? undefined : over;
    if (this.#open?.resources.has(name)) return ASKED;
    return this.#lazy.has(name) ? this.#lazy.get(name) : this.#base.resources.get(name)?.version;
  }

  /** The resource that the client should have. */
  find(name: string): XdsResource | undefined {
    const wanted = this.#wanted;
    if (!wanted) return undefined;
    const resource = wanted.resources.get(name);
    if (resource) return this.#subscription.has(name) ? resource : undefined;
    return this.#subscription.names.has(name) ? wanted.onDemand?.get(name) : undefined;
  }

  /** Takes a request for exactly the names that are wanted, where nothing was asked for before; false for any other. */
  askAll(names: readonly string[]): boolean {
    const wanted = this.#wanted;
    if (!wanted || names.length === 0 || this.#base !== EMPTY_SET || this.exceptions > 0 || this.#lazy.size > 0)
      return false;
    if (!this.#subscription.empty || !isAllOf(names, wanted)) return false;
    this.#subscription.names.share(wanted.resources);
    this.#open = wanted;
    return true;
  }

  /** The client has this version (or, with `ASKED`, waits for an answer). */
  set(name: string, version: string): void {
    this.#spread();
    if (this.#subscription.has(name)) this.#over.set(name, version);
  }

  ask(name: string): void {
    this.#spread();
    // The name in the set is the same string for all streams; the one from the request would be a copy for each.
    const shared = (this.#wanted?.resources.get(name) ?? this.#base.resources.get(name))?.name ?? name;
    this.#subscription.names.add(shared);
    this.#over.set(shared, ASKED);
    if (this.#wanted && !this.#wanted.resources.has(name)) this.#lazy.set(shared, undefined);
  }

  drop(name: string): void {
    this.#spread();
    this.#subscription.names.delete(name);
    this.#lazy.delete(name);
    // Under a wildcard the client may have dropped what it still should have: it is told again, or that it is gone.
    if (this.#subscription.wildcard) this.#over.set(name, ASKED);
    else this.#over.delete(name);
  }

  setWildcard(on: boolean): void {
    this.#spread();
    const keep = new Map<string, string>();
    for (const name of this.#subscription.names) {
      const version = this.has(name);
      if (version !== undefined) keep.set(name, version);
    }
    this.#subscription.wildcard = on;
    this.#base = EMPTY_SET;
    this.#over = keep;
  }

  /** The client was told that there is no such resource. */
  forget(name: string): void {
    this.#spread();
    this.#over.delete(name);
    if (this.#lazy.has(name)) this.#lazy.set(name, undefined);
    else if (this.#base.resources.has(name) && this.#subscription.has(name)) this.#over.set(name, GONE);
  }

  /** The step that other streams take too, if this client differs in nothing from them. */
  shared(): Plan | undefined {
    const wanted = this.#wanted;
    if (!wanted || this.#lazy.size > 0) return undefined;
    const { names, wildcard } = this.#subscription;
    const step = difference(this.#base, wanted);
    if (this.#open) return { changed: step.changed, removed: [], absent: [], shared: step };
    if (wanted.onDemand && step.removed.some((name) => names.has(name))) return undefined;
    if (this.#over.size === 0) {
      const changed = wildcard ? step.changed : step.changed.filter((resource) => names.has(resource.name));
      const removed = wildcard ? step.removed : step.removed.filter((name) => names.has(name));
      const same = changed.length === step.changed.length;
      return same ? { changed: step.changed, removed, absent: [], shared: step } : { changed, removed, absent: [] };
    }
    // A stream that asks by name for all there is.
    if (this.#base !== EMPTY_SET || this.#over.size !== wanted.resources.size) return undefined;
    for (const [name, version] of this.#over) if (version !== ASKED || !wanted.resources.has(name)) return undefined;
    return { changed: step.changed, removed: [], absent: [], shared: step };
  }

  /** What differs, name by name. */
  individual(refused: Refused): Plan {
    if (!this.#wanted) return NOTHING;
    this.#spread();
    const step = difference(this.#base, this.#wanted);
    const names = new Set<string>(this.#over.keys());
    for (const resource of step.changed) if (this.#subscription.has(resource.name)) names.add(resource.name);
    for (const name of step.removed) if (this.#subscription.has(name)) names.add(name);
    if (this.#base !== this.#wanted) for (const name of this.#lazy.keys()) names.add(name);
    return this.planOf(names, refused);
  }

  /** What differs among these names. */
  planOf(names: Iterable<string>, refused: Refused): Plan {
    const changed: XdsResource[] = [];
    const removed: string[] = [];
    const absent: string[] = [];
    for (const name of names) {
      if (!this.#subscription.has(name)) continue;
      const resource = this.find(name);
      const has = this.has(name);
      if (resource) {
        if (resource.version !== has && !refused(resource)) changed.push(resource);
      } else if (has !== undefined) {
        (has === ASKED ? absent : removed).push(name);
      }
    }
    return { changed, removed, absent };
  }

  /** The client now has what is wanted, but for these names: what they had before stays true of them. */
  settle(except: Iterable<string>): void {
    const wanted = this.#wanted;
    if (!wanted) return;
    const over = new Map<string, string>();
    for (const name of except) over.set(name, this.has(name) ?? ASKED);
    // A name may have left the eager ones after it was asked for, or after it was sent.
    for (const name of [...this.#over.keys(), ...difference(this.#base, wanted).removed]) {
      if (this.#subscription.names.has(name) && !wanted.resources.has(name)) this.#lazy.set(name, undefined);
    }
    for (const name of this.#lazy.keys()) {
      if (wanted.resources.has(name)) this.#lazy.delete(name);
      else this.#lazy.set(name, over.has(name) ? over.get(name) : wanted.onDemand?.get(name)?.version);
    }
    this.#base = wanted;
    this.#over = over;
    this.#open = undefined;
  }

  #spread(): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    for (const name of open.resources.keys()) this.#over.set(name, ASKED);
  }
}

const whole = new WeakMap<readonly string[], ResourceSet["resources"]>();

/** Whether a list holds every name of a set and no other. Many streams show the very same list: it is looked through once. */
function isAllOf(names: readonly string[], { resources }: ResourceSet): boolean {
  if (names.length !== resources.size) return false;
  if (whole.get(names) === resources) return true;
  const all = new Set(names).size === names.length && names.every((name) => resources.has(name));
  if (all) whole.set(names, resources);
  return all;
}
