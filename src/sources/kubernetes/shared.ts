import { deepFreeze } from "../../std/plain.ts";

/** How many values are remembered before all are forgotten: what nobody writes any more must not stay. */
const most = 50_000;

/**
 * Makes equal parts of objects one: replicas of a Deployment have the same labels, containers and accounts. What is shared is frozen.
 */
export class Shared {
  readonly #texts = new Map<string, string>();
  readonly #values = new Map<string, unknown>();

  /** The same text, kept once. */
  text(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= most) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }

  /** An equal value that was seen before, else this one. Only for values as JSON has them. */
  value<T>(value: T): T {
    if (typeof value !== "object" || value === null) return value;
    const key = JSON.stringify(value);
    const known = this.#values.get(key);
    if (known !== undefined) return known as T;
    if (this.#values.size >= most) this.#values.clear();
    const kept = deepFreeze(value);
    this.#values.set(key, kept);
    return kept;
  }
}
