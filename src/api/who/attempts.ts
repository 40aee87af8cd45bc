/** Wrong attempts of one address within a minute; then it waits. */
const mostWrong = 5;
const minute = 60_000;
/** Of all addresses together: what a wrong attempt costs others (an API server's answer, an issuer's) is bounded, too. */
const mostWrongOfAll = 300;
/** Addresses that are remembered. Who has more of them meets the bound for all. */
const mostKept = 10_000;

/** How often somebody tried to log in with something wrong. */
export class Attempts {
  readonly #now: () => number;
  readonly #wrong = new Map<string, { count: number; since: number }>();
  #all = { count: 0, since: 0 };

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Seconds that this address has to wait before it may try again; 0: none. */
  wait(address: string): number {
    const now = this.#now();
    const own = this.#wrong.get(address);
    const left = [
      own !== undefined && own.count >= mostWrong ? own.since + minute - now : 0,
      this.#all.count >= mostWrongOfAll ? this.#all.since + minute - now : 0,
    ];
    return Math.max(0, Math.ceil(Math.max(...left) / 1000));
  }

  /** One more that was wrong. */
  wrong(address: string): void {
    const now = this.#now();
    const before = this.#wrong.get(address);
    this.#wrong.delete(address);
    this.#wrong.set(address, next(before, now));
    this.#all = next(this.#all, now);
    const [oldest] = this.#wrong.keys();
    if (this.#wrong.size > mostKept && oldest !== undefined) this.#wrong.delete(oldest);
  }
}

function next(before: { count: number; since: number } | undefined, now: number) {
  const same = before !== undefined && now - before.since < minute;
  return same ? { count: before.count + 1, since: before.since } : { count: 1, since: now };
}
