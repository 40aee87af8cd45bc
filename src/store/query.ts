import type { DatabaseSync } from "node:sqlite";
import type { Buckets, Labels } from "../model/sample.ts";
import { type Block, shardSize } from "./chunk/chunk.ts";
import { addCells, bucketsOf, countOf, emptySum, type Sum } from "./chunk/sum.ts";
import type { Selection, Series, SeriesIndex } from "./series-index.ts";
import { decoded, longestRow, minute, type OnBroken, oldest, rolledUntil, type Tier } from "./tiers.ts";

/** How much one series grew in a span of time. */
export interface Total {
  readonly name: string;
  readonly labels: Labels;
  /** A counter's growth, the number of a histogram's observations, or the sum of bytes where that alone is kept. */
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

/** Milliseconds: `(from, to]` in steps. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** Growth per series and step over `(from, to]`. Minutes are read where they exist and the steps are coarse, or nothing finer is kept any more. */
export function steps(
  db: DatabaseSync,
  index: SeriesIndex,
  selection: Selection,
  span: Span,
  onBroken: OnBroken,
): Step[] {
  const { from, to, step } = span;
  const count = Math.max(1, Math.ceil((to - from) / step));
  const slots = Array.from({ length: count }, () => new Map<number, Sum>());
  const wanted = index.select(selection);
  const shards = shardsOf(wanted);
  for (const { tier, after, until } of segments(db, span)) {
    for (const row of rowsOf(db, tier, after, until, shards)) {
      const shard = Number(row["shard"]);
      const block = decoded(row, tier, onBroken, shards.get(shard));
      if (block)
        add(slots, block, shard * shardSize, (t) => (t > after && t <= until ? slotOf(t, from, step, count) : -1));
    }
  }
  const covered = coverage(db, from, to, step, count);
  return slots.map((slot, i) => ({
    time: Math.min(to, from + (i + 1) * step),
    covered: covered[i] ?? 0,
    totals: [...slot].flatMap(([id, sum]) => {
      const series = wanted.get(id);
      return series === undefined ? [] : [totalOf(series, sum)];
    }),
  }));
}

function totalOf({ name, labels, bounds }: Series, sum: Sum): Total {
  const base = { name, labels, value: countOf(sum) };
  return sum.counts === undefined ? base : { ...base, buckets: bucketsOf(sum, bounds) };
}

function add(slots: readonly Map<number, Sum>[], block: Block, firstId: number, slotAt: (t: number) => number): void {
  const places = block.times.map(slotAt);
  for (let start = 0; start < places.length; ) {
    let end = start + 1;
    while (end < places.length && places[end] === places[start]) end++;
    const slot = slots[places[start] ?? -1];
    if (slot !== undefined) {
      for (const [part, cells] of block.series) {
        const id = firstId + part;
        let sum = slot.get(id);
        const isNew = sum === undefined;
        sum ??= emptySum(cells.kind);
        if (addCells(sum, cells, start, end) && isNew) slot.set(id, sum);
      }
    }
    start = end;
  }
}

/** Spans from this length on are read from the coarse tier, where steps are coarse too. */
const longSpan = 10 * minute;

/** Which tier is read for which part of `(from, to]`: whole minutes from the coarse one where that says the same, is near enough, or is all there is. */
function segments(
  db: DatabaseSync,
  { from, to, step }: Span,
): { readonly tier: Tier; readonly after: number; readonly until: number }[] {
  const rolled = Math.floor(Math.min(to, rolledUntil(db)) / minute) * minute;
  const isKept = from >= (oldest(db, "fine") ?? Number.MAX_SAFE_INTEGER);
  const first = isKept ? Math.min(to, ceilMinute(from)) : from;
  const isWhole = to - from <= step || (step % minute === 0 && from % minute === 0);
  const wantsCoarse = isWhole || (step >= minute && to - from >= longSpan);
  const last = wantsCoarse ? rolled : isKept ? first : Math.min(rolled, ceilMinute(oldest(db, "fine") ?? rolled));
  const parts: { tier: Tier; after: number; until: number }[] = [
    { tier: "fine", after: from, until: first },
    { tier: "coarse", after: first, until: last },
    { tier: "fine", after: Math.max(first, last), until: to },
  ];
  return parts.filter(({ after, until }) => after < until);
}

/** Parts of ids that are wanted, by shard. */
function shardsOf(wanted: ReadonlyMap<number, Series>): Map<number, Set<number>> {
  const shards = new Map<number, Set<number>>();
  for (const id of wanted.keys()) {
    const shard = Math.floor(id / shardSize);
    const known = shards.get(shard);
    if (known === undefined) shards.set(shard, new Set([id % shardSize]));
    else known.add(id % shardSize);
  }
  return shards;
}

function rowsOf(
  db: DatabaseSync,
  tier: Tier,
  after: number,
  until: number,
  shards: ReadonlyMap<number, unknown>,
): Iterable<Record<string, unknown>> {
  return db
    .prepare(
      `SELECT shard, last, points FROM ${tier} WHERE last > ? AND last <= ? AND first <= ? AND shard IN (SELECT value FROM json_each(?))`,
    )
    .iterate(after, until + longestRow, until, JSON.stringify([...shards.keys()]));
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
