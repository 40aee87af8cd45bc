import type { DatabaseSync } from "node:sqlite";
import type { Buckets, Labels } from "../model/sample.ts";
import { addBuckets, decodeBuckets } from "./histogram.ts";
import { minute, rolledUntil } from "./retention.ts";
import type { Selection, SeriesIndex } from "./series-index.ts";

/** How much one series grew in a span of time. */
export interface Total {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
  readonly buckets?: Buckets;
}

/** One step of a chart: what grew in `(time - step, time]`. */
export interface Step {
  readonly time: number;
  /** Milliseconds of the step that were looked at; 0 where nobody looked: then there is no value, which is not a zero. */
  readonly covered: number;
  readonly totals: readonly Total[];
}

/** Growth per series and step over `(from, to]`. Minutes are read where they exist and the steps are coarse, or nothing finer is kept any more. */
export function steps(
  db: DatabaseSync,
  index: SeriesIndex,
  selection: Selection,
  span: { readonly from: number; readonly to: number; readonly step: number },
): Step[] {
  const { from, to, step } = span;
  const count = Math.max(1, Math.ceil((to - from) / step));
  const sums = Array.from({ length: count }, () => new Map<number, { value: number; buckets: Buckets | undefined }>());
  const wanted = index.select(selection);
  for (const row of rows(db, wanted, span)) {
    const id = Number(row["series"]);
    const series = wanted.get(id);
    const slot = sums[slotOf(Number(row["t"]), from, step, count)];
    if (series === undefined || slot === undefined) continue;
    const blob = row["buckets"];
    const buckets = blob instanceof Uint8Array ? decodeBuckets(blob, series.bounds) : undefined;
    const sum = slot.get(id);
    if (sum === undefined) slot.set(id, { value: Number(row["value"]), buckets });
    else {
      sum.value += Number(row["value"]);
      if (buckets) sum.buckets = sum.buckets ? addBuckets(sum.buckets, buckets) : buckets;
    }
  }
  const covered = coverage(db, from, to, step, count);
  return sums.map((slot, i) => ({
    time: Math.min(to, from + (i + 1) * step),
    covered: covered[i] ?? 0,
    totals: [...slot].flatMap(([id, sum]) => {
      const series = wanted.get(id);
      if (series === undefined) return [];
      const base = { name: series.name, labels: series.labels, value: sum.value };
      return [sum.buckets ? { ...base, buckets: sum.buckets } : base];
    }),
  }));
}

/** Spans from this length on are read from the coarse table, where steps are coarse too. */
const longSpan = 10 * minute;

/** Samples of the wanted series in `(from, to]`: whole minutes from the coarse table where that is wanted or nothing else is kept, the rest from the fine one. */
function* rows(
  db: DatabaseSync,
  wanted: ReadonlyMap<number, unknown>,
  span: { readonly from: number; readonly to: number; readonly step: number },
): Iterable<Record<string, unknown>> {
  const { from, to, step } = span;
  const filter = "series IN (SELECT value FROM json_each(?))";
  const ids = JSON.stringify([...wanted.keys()]);
  const read = (table: "fine" | "coarse", after: number, until: number) =>
    after < until
      ? db
          .prepare(`SELECT t, series, value, buckets FROM ${table} WHERE t > ? AND t <= ? AND ${filter}`)
          .iterate(after, until, ids)
      : [];
  const oldest = Number(db.prepare("SELECT min(t) AS t FROM fine").get()?.["t"] ?? Number.MAX_SAFE_INTEGER);
  const rolled = Math.floor(Math.min(to, rolledUntil(db)) / minute) * minute;
  const isKept = from >= oldest;
  const first = isKept ? Math.min(to, ceilMinute(from)) : from;
  const wantsCoarse = step >= minute && to - from >= longSpan;
  const last = wantsCoarse ? rolled : isKept ? first : Math.min(rolled, ceilMinute(oldest));
  yield* read("fine", from, first);
  yield* read("coarse", first, last);
  yield* read("fine", Math.max(first, last), to);
}

function ceilMinute(t: number): number {
  return Math.ceil(t / minute) * minute;
}

function coverage(db: DatabaseSync, from: number, to: number, step: number, count: number): number[] {
  const covered = new Array<number>(count).fill(0);
  for (const row of db.prepare("SELECT t, covered FROM looks WHERE t > ? AND t <= ?").iterate(from, to)) {
    const slot = slotOf(Number(row["t"]), from, step, count);
    covered[slot] = (covered[slot] ?? 0) + Number(row["covered"]);
  }
  return covered;
}

function slotOf(t: number, from: number, step: number, count: number): number {
  return Math.min(count - 1, Math.floor((t - from - 1) / step));
}
