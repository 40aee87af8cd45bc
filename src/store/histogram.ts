import type { Buckets } from "../model/sample.ts";

/** The sum of two histograms. Where their bounds differ, each count keeps its own upper bound. */
export function addBuckets(a: Buckets, b: Buckets): Buckets {
  if (a.bounds === b.bounds || equal(a.bounds, b.bounds)) {
    return { bounds: a.bounds, counts: a.counts.map((n, i) => n + (b.counts[i] ?? 0)), sum: a.sum + b.sum };
  }
  const bounds = [...new Set([...a.bounds, ...b.bounds])].sort((x, y) => x - y);
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const part of [a, b]) {
    part.counts.forEach((n, i) => {
      const bound = part.bounds[i];
      const at = bound === undefined ? bounds.length : bounds.indexOf(bound);
      counts[at] = (counts[at] ?? 0) + n;
    });
  }
  return { bounds, counts, sum: a.sum + b.sum };
}

/**
 * The q-quantile (0 to 1) as PromQL's `histogram_quantile` has it: linear inside a bucket, the first one beginning at 0, the highest bound for
 * what lies above it. Undefined where nothing was observed.
 */
export function quantile(q: number, buckets: Buckets): number | undefined {
  const total = buckets.counts.reduce((sum, n) => sum + n, 0);
  if (total <= 0) return undefined;
  const rank = q * total;
  let below = 0;
  for (const [i, n] of buckets.counts.entries()) {
    if (n > 0 && below + n >= rank) {
      const upper = buckets.bounds[i];
      if (upper === undefined) return buckets.bounds.at(-1);
      const lower = i === 0 ? Math.min(0, upper) : (buckets.bounds[i - 1] ?? 0);
      return lower + (upper - lower) * Math.max(0, (rank - below) / n);
    }
    below += n;
  }
  return buckets.bounds.at(-1);
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}
