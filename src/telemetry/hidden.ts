import type { Exposition, Sampled } from "./exposition.ts";

/** A series that its proxy does not show for the moment, as it was last seen. */
interface HiddenSeries {
  readonly series: Sampled;
  readonly since: number;
}

/** Metric name, then labels. */
export type Hidden = ReadonlyMap<string, ReadonlyMap<string, HiddenSeries>>;

/** Nothing is hidden. */
export const nothingHidden: Hidden = new Map();

/** Longer than Envoy keeps what it does not show. */
const kept = 300_000;

/**
 * Envoy shows what was counted since its last eviction: a series that nobody counted for a while is away until it counts again, and then goes on where it was.
 * @param before the answer before this one, of the same Envoy.
 * @returns what is away at `at`, in milliseconds.
 */
export function hiddenSince(before: Exposition, now: Exposition, hidden: Hidden, at: number): Hidden {
  const found = new Map<string, Map<string, HiddenSeries>>();
  const keep = (name: string, key: string, one: HiddenSeries) => {
    if (now.get(name)?.series.has(key) || at - one.since > kept) return;
    const family = found.get(name) ?? new Map<string, HiddenSeries>();
    found.set(name, family.set(key, one));
  };
  for (const [name, family] of hidden) for (const [key, one] of family) keep(name, key, one);
  for (const { name, type, series } of before.values())
    if (type !== "gauge") for (const [key, one] of series) keep(name, key, { series: one, since: at });
  return found;
}

/** What a series that is shown now counts on from: one that comes back has counted more, or it was made anew and counts from zero. */
export function beforeHidden(hidden: Hidden, name: string, key: string, now: Sampled): Sampled | undefined {
  const one = hidden.get(name)?.get(key)?.series;
  return one !== undefined && one.value < now.value ? one : undefined;
}
