import type { Buckets, Increment } from "../model/sample.ts";
import { type Exposition, type Sampled, uptime } from "./exposition.ts";
import { beforeHidden, type Hidden, nothingHidden } from "./hidden.ts";

/**
 * How much each series grew from one look at a proxy to the next. `before` undefined means that everything counted so far is new.
 * `elapsed`: milliseconds between the two. A counter that fell (Envoy started again, or its series was evicted and made again) counts from zero;
 * one that comes back counts on from where it was `hidden`.
 */
export function increments(
  before: Exposition | undefined,
  now: Exposition,
  elapsed = 0,
  hidden: Hidden = nothingHidden,
): Increment[] {
  const restarted = before !== undefined && restartedBetween(before, now, elapsed);
  const found: Increment[] = [];
  for (const family of now.values()) {
    if (family.type === "gauge") continue;
    const earlier = restarted ? undefined : before?.get(family.name)?.series;
    for (const [key, series] of family.series) {
      const known = earlier?.get(key) ?? (restarted ? undefined : beforeHidden(hidden, family.name, key, series));
      const increment = grown(family.name, known, series);
      if (increment) found.push(increment);
    }
  }
  return found;
}

/** Seconds since this Envoy started; undefined where it did not say. */
export function uptimeOf(exposition: Exposition): number | undefined {
  const family = exposition.get(uptime);
  if (family === undefined) return undefined;
  for (const series of family.series.values()) return series.value;
  return undefined;
}

/** Envoy updates its uptime when it flushes its stats, and a machine may sleep: so much may be missing from it, in seconds. */
const uptimeLag = 15;

/** An uptime that fell, or that did not go on with the clock, is another Envoy's; a counter may by chance have passed its old value since. */
export function restartedBetween(before: Exposition, now: Exposition, elapsed: number): boolean {
  const earlier = uptimeOf(before);
  const later = uptimeOf(now);
  if (earlier === undefined || later === undefined) return false;
  return later < earlier || (later < earlier + elapsed / 1000 - uptimeLag && later < elapsed / 1000);
}

function grown(name: string, before: Sampled | undefined, now: Sampled): Increment | undefined {
  const earlier = before !== undefined && before.value <= now.value ? before : undefined;
  const value = now.value - (earlier?.value ?? 0);
  if (!(value > 0)) return undefined;
  if (now.histogram === undefined) return { name, labels: now.labels, value };
  return { name, labels: now.labels, value, buckets: grownBuckets(earlier, now) };
}

function grownBuckets(before: Sampled | undefined, now: Sampled): Buckets {
  const bounds = now.histogram?.bounds ?? [];
  const later = perBucket(now);
  const earlier = before?.histogram?.bounds.length === bounds.length ? perBucket(before) : [];
  const counts = later.map((n, i) => n - (earlier[i] ?? 0));
  const sum = (now.histogram?.sum ?? 0) - (earlier.length > 0 ? (before?.histogram?.sum ?? 0) : 0);
  return counts.some((n) => n < 0) ? { bounds, counts: later, sum: now.histogram?.sum ?? 0 } : { bounds, counts, sum };
}

function perBucket(series: Sampled): number[] {
  const cumulative = [...(series.histogram?.counts ?? []), series.value];
  return cumulative.map((n, i) => n - (cumulative[i - 1] ?? 0));
}
