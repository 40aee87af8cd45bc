import type { Change } from "./change.ts";
import type { Ref, Resource, Type } from "./resource.ts";

/** Everything the mesh knew at one moment. Immutable; equal parts are shared by reference. */
export interface Snapshot {
  readonly revision: number;
  /** type → namespace → objects sorted by name. A namespace that no change touched keeps its array (===). */
  readonly objects: ReadonlyMap<Type, ReadonlyMap<string, readonly Resource[]>>;
}

const none: readonly Resource[] = Object.freeze([]);

export const empty: Snapshot = Object.freeze({ revision: 0, objects: new Map() });

/** Objects of a type in a namespace, sorted by name. */
export function list(snapshot: Snapshot, type: Type, namespace: string): readonly Resource[] {
  return snapshot.objects.get(type)?.get(namespace) ?? none;
}

/** One object, or undefined. */
export function get(snapshot: Snapshot, ref: Ref): Resource | undefined {
  const all = list(snapshot, ref.type, ref.namespace);
  const found = all[place(all, ref.name)];
  return found?.name === ref.name ? found : undefined;
}

/** Where an object of a name stands in a sorted list, or would. */
function place(all: readonly Resource[], name: string): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((all[middle] as Resource).name < name) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Every object of a type, by namespace and name. */
export function all(snapshot: Snapshot, type: Type): Resource[] {
  const byNamespace = snapshot.objects.get(type);
  return byNamespace === undefined ? [] : [...byNamespace.keys()].sort().flatMap((ns) => byNamespace.get(ns) ?? []);
}

/** The next snapshot. Copies only the arrays on the way to a change; a batch costs one sort a touched namespace. */
export function apply(snapshot: Snapshot, changes: readonly Change[]): Snapshot {
  const touched = new Map<Type, Map<string, Map<string, Change>>>();
  for (const change of changes) {
    const ref = "put" in change ? change.put : change.remove;
    const byNamespace = entry(touched, ref.type, () => new Map<string, Map<string, Change>>());
    entry(byNamespace, ref.namespace, () => new Map<string, Change>()).set(ref.name, change);
  }
  if (touched.size === 0) return snapshot;
  const objects = new Map(snapshot.objects);
  for (const [type, namespaces] of touched) {
    const byNamespace = new Map(objects.get(type));
    for (const [namespace, byName] of namespaces) {
      const next = merge(list(snapshot, type, namespace), byName);
      if (next.length === 0) byNamespace.delete(namespace);
      else byNamespace.set(namespace, next);
    }
    objects.set(type, byNamespace);
  }
  return { revision: snapshot.revision + 1, objects };
}

function merge(before: readonly Resource[], byName: ReadonlyMap<string, Change>): readonly Resource[] {
  return byName.size < 16 ? edited(before, byName) : sorted(before, byName);
}

/** For few changes: a copy with each in its place. */
function edited(before: readonly Resource[], byName: ReadonlyMap<string, Change>): readonly Resource[] {
  const after = before.slice();
  for (const [name, change] of byName) {
    const at = place(after, name);
    const there = after[at]?.name === name ? 1 : 0;
    after.splice(at, there, ...("put" in change ? [change.put] : []));
  }
  return Object.freeze(after);
}

function sorted(before: readonly Resource[], byName: ReadonlyMap<string, Change>): readonly Resource[] {
  const kept = before.filter((r) => !byName.has(r.name));
  for (const change of byName.values()) if ("put" in change) kept.push(change.put);
  return Object.freeze(kept.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)));
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
