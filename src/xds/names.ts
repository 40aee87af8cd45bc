const NOTHING: Pick<ReadonlyMap<string, unknown>, "has" | "keys" | "size"> = new Map();

/** A set of names that may begin as all the keys of a map that many streams share: then it costs what it differs in. */
export class Names {
  #shared = NOTHING;
  readonly #own = new Set<string>();
  readonly #without = new Set<string>();

  /** Becomes all the keys of `map`, which must not change. */
  share(map: typeof NOTHING): void {
    this.#shared = map;
    this.#own.clear();
    this.#without.clear();
  }

  has(name: string): boolean {
    return this.#own.has(name) || (this.#shared.has(name) && !this.#without.has(name));
  }

  add(name: string): void {
    if (this.#shared.has(name)) this.#without.delete(name);
    else this.#own.add(name);
  }

  delete(name: string): void {
    if (this.#shared.has(name)) this.#without.add(name);
    else this.#own.delete(name);
  }

  get size(): number {
    return this.#shared.size - this.#without.size + this.#own.size;
  }

  *[Symbol.iterator](): Generator<string> {
    for (const name of this.#shared.keys()) if (!this.#without.has(name)) yield name;
    yield* this.#own;
  }
}
