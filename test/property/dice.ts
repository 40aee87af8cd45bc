/** Draws the same numbers from the same seed. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to, not with, `below`. */
  number(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  one<T>(of: readonly T[]): T {
    return of[this.number(of.length)] as T;
  }

  some<T>(of: readonly T[]): readonly T[] {
    return of.filter(() => this.number(2) === 0);
  }

  chance<T>(value: T, oneIn = 2): T | undefined {
    return this.number(oneIn) === 0 ? value : undefined;
  }
}
