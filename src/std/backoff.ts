import type { Random } from "./random.ts";

/** Delay before attempt `n` (0-based) in milliseconds: doubles from `base` up to `max`, with full jitter on the upper half. */
export function backoff(n: number, base: number, max: number, random: Random): number {
  const ceiling = Math.min(max, base * 2 ** Math.min(n, 30));
  return ceiling / 2 + (ceiling / 2) * random.next();
}
