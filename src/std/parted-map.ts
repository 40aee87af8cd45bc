/**
 * A map in parts, of which an edit changes one: the others are shared with the map before it, so that making the next map, and telling two maps apart, cost
 * as much as the part. A name's part is `partOf` it. Immutable.
 */
export class PartedMap<V> implements ReadonlyMap<string, V> {
  readonly parts: readonly ReadonlyMap<string, V>[];
  readonly size: number;

  constructor(parts: readonly ReadonlyMap<string, V>[]) {
    this.parts = parts;
    this.size = parts.reduce((sum, part) => sum + part.size, 0);
  }

  get(name: string): V | undefined {
    return this.parts[partOf(name, this.parts.length)]?.get(name);
  }

  has(name: string): boolean {
    return this.parts[partOf(name, this.parts.length)]?.has(name) === true;
  }

  *entries(): MapIterator<[string, V]> {
    for (const part of this.parts) yield* part;
  }

  *keys(): MapIterator<string> {
    for (const part of this.parts) yield* part.keys();
  }

  *values(): MapIterator<V> {
    for (const part of this.parts) yield* part.values();
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  forEach(each: (value: V, name: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [name, value] of this) each(value, name, this);
  }
}

/** The part of a name, among so many: FNV-1a of its characters. */
export function partOf(name: string, parts: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % parts;
}

/** Names that only one of two maps has, or that the two hold differently, part by part where both are in parts. */
export function* unequalNames<V>(a: ReadonlyMap<string, V>, b: ReadonlyMap<string, V>): Generator<string> {
  if (a === b) return;
  if (a instanceof PartedMap && b instanceof PartedMap && a.parts.length === b.parts.length) {
    for (const [i, part] of a.parts.entries()) yield* unequalNames<V>(part, b.parts[i] ?? new Map());
    return;
  }
  for (const [name, value] of b) if (a.get(name) !== value) yield name;
  for (const name of a.keys()) if (!b.has(name)) yield name;
}
