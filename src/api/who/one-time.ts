import { digestOf } from "./secrets.ts";

const mostKept = 1000;

/** Codes that are good once and not for long; each stands for something. */
export class OneTime<T> {
  readonly #now: () => number;
  readonly #random: () => string;
  readonly #kept = new Map<string, { readonly until: number; readonly value: T }>();

  /** @param random a new secret that nobody can guess. */
  constructor(now: () => number, random: () => string) {
    this.#now = now;
    this.#random = random;
  }

  /** A new code, good for `ms`. The oldest goes where there are too many. */
  issue(value: T, ms: number): string {
    const code = this.#random();
    this.#kept.set(digestOf(code), { until: this.#now() + ms, value });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest);
    return code;
  }

  /** What the code stood for; it is good no more. Undefined where it never was, is used, or is over. */
  redeem(code: string): T | undefined {
    const key = digestOf(code);
    const found = this.#kept.get(key);
    this.#kept.delete(key);
    return found !== undefined && found.until > this.#now() ? found.value : undefined;
  }
}
