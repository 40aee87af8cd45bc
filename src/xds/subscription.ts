import { Names } from "./names.ts";
import { BY_NAME_ONLY } from "./type-url.ts";

/** What one stream asked for of one type: everything (wildcard), and names. */
export class Subscription {
  readonly names = new Names();
  #wildcard = false;
  readonly #typeUrl: string;

  constructor(typeUrl: string) {
    this.#typeUrl = typeUrl;
  }

  get wildcard(): boolean {
    return this.#wildcard;
  }

  set wildcard(value: boolean) {
    this.#wildcard = value;
  }

  /** Whether a first request without names asks for everything. */
  get wildcardWhenEmpty(): boolean {
    return !BY_NAME_ONLY.has(this.#typeUrl);
  }

  has(name: string): boolean {
    return this.#wildcard || this.names.has(name);
  }

  /** Nothing is asked for any more. */
  get empty(): boolean {
    return !this.#wildcard && this.names.size === 0;
  }
}
