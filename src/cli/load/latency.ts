/** Latencies in milliseconds; each quantile is within 0.5% of the true one. */
export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly mean: number;
}

/** Neighbouring buckets differ by 1%, so their middle is off by half of that at most (the idea of DDSketch, arXiv:1908.10693). */
const GROWTH = Math.log(1.01);
const LEAST_MS = 0.001;
const MOST_MS = 3_600_000;
const BUCKETS = Math.ceil(Math.log(MOST_MS / LEAST_MS) / GROWTH) + 1;

/** Counts latencies from 1 us to 1 h in a fixed 18 kB, however many there are. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #max = 0;

  /** Adds one latency in milliseconds. */
  add(ms: number): void {
    const clamped = Math.min(Math.max(ms, LEAST_MS), MOST_MS);
    const bucket = Math.floor(Math.log(clamped / LEAST_MS) / GROWTH);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count++;
    this.#sum += ms;
    this.#max = Math.max(this.#max, ms);
  }

  /** Forgets all that was added. */
  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#sum = 0;
    this.#max = 0;
  }

  /** What was added so far; undefined when nothing was. */
  read(): Latency | undefined {
    if (this.#count === 0) return undefined;
    const [p50 = 0, p90 = 0, p95 = 0, p99 = 0] = this.#quantiles([0.5, 0.9, 0.95, 0.99]);
    return { p50, p90, p95, p99, max: this.#max, mean: this.#sum / this.#count };
  }

  /** The latencies below which the given shares (ascending) lie: nearest rank, in one pass. */
  #quantiles(shares: readonly number[]): number[] {
    const found: number[] = [];
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS && found.length < shares.length; bucket++) {
      seen += this.#counts[bucket] ?? 0;
      while (found.length < shares.length && seen >= Math.ceil((shares[found.length] ?? 1) * this.#count)) {
        found.push(Math.min(LEAST_MS * Math.exp((bucket + 0.5) * GROWTH), this.#max));
      }
    }
    return found;
  }
}
