import type { Clock } from "../std/clock.ts";
import { type Counters, type Taken, take } from "./bucket.ts";

/** Counters in this process: exact, and gone with it. Beyond `maxBuckets` those that were not used for longest are forgotten. */
export function memoryCounters(clock: Clock, maxBuckets = 1_000_000): Counters {
  // In the order of their last use.
  const fullAt = new Map<string, number>();
  const keep = (key: string, at: number) => {
    fullAt.delete(key);
    fullAt.set(key, at);
    const oldest = fullAt.size > maxBuckets ? fullAt.keys().next().value : undefined;
    if (oldest !== undefined) fullAt.delete(oldest);
  };
  /** A bucket that is full again is as one that nobody knows. */
  const forgetFull = (now: number) => {
    for (const [key, at] of fullAt) {
      if (at > now) return;
      fullAt.delete(key);
    }
  };
  return {
    async take(buckets) {
      const now = clock.now();
      forgetFull(now);
      const drawn = buckets.map((bucket) => take(bucket, fullAt.get(bucket.key), now));
      const passes = buckets.every((bucket, i) => !bucket.binding || drawn[i]?.allowed === true);
      for (const [i, { key, binding }] of buckets.entries()) {
        const one = drawn[i];
        if (one?.allowed && (passes || !binding)) keep(key, one.fullAt);
      }
      return drawn.map(({ allowed, remaining, waitMs }): Taken => ({ allowed, remaining, waitMs }));
    },
    async close() {
      fullAt.clear();
    },
  };
}
