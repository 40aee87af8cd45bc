import { TooMuch } from "./exchange.ts";

/** Characters of names that one stream may hold for itself of one type: some hundred thousand names. */
const MOST_CHARACTERS = 32 * 1024 * 1024;

const NOTHING: Pick<ReadonlyMap<string, unknown>, "has" | "keys" | "size"> = new Map();

/** A set of names that may begin as all the keys of a map that many streams share: then it costs what it differs in. */
export class Names {
  #shared = NOTHING;
  readonly #own = new Set<string>();
  readonly #without = new Set<string>();
  #characters = 0;

  /** Becomes all the keys of `map`, which must not change. */
  share(map: typeof NOTHING): void {
    this.#shared = map;
    this.#own.clear();
    this.#characters = 0;
    this.#without.clear();
  }

  has(name: string): boolean {
    return this.#own.has(name) || (this.#shared.has(name) && !this.#without.has(name));
  }

  add(name: string): void {
    if (this.#shared.has(name)) this.#without.delete(name);
    else if (!this.#own.has(name)) {
      // A name costs its entry in the set, too.
      this.#characters += name.length + 64;
      if (this.#characters > MOST_CHARACTERS) throw new TooMuch("more names are asked for than one stream may hold");
      this.#own.add(name);
    }
  }

  delete(name: string): void {
    if (this.#shared.has(name)) this.#without.add(name);
    else if (this.#own.delete(name)) this.#characters -= name.length + 64;
  }

  get size(): number {
    return this.#shared.size - this.#without.size + this.#own.size;
  }

  *[Symbol.iterator](): Generator<string> {
    for (const name of this.#shared.keys()) if (!this.#without.has(name)) yield name;
    yield* this.#own;
  }
}
