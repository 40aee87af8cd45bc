import type { Increment } from "../../model/sample.ts";
import { amountCode, amountOf } from "./amount.ts";
import { type Block, type Cells, shardSize } from "./chunk.ts";
import { mostCount } from "./column.ts";

/** What rounding left of each series' amounts, by its id: the next look takes it in, so that sums stay true. */
export type Carry = Map<number, number>;

/** Metrics of bytes: nobody asks for their buckets, so their sum alone is kept. */
const ofBytes = /_bytes(_|$)/;

/** An increment as it is kept. */
export function keptOf(increment: Increment): Increment {
  const { name, labels, buckets } = increment;
  return buckets !== undefined && ofBytes.test(name) ? { name, labels, value: buckets.sum } : increment;
}

/** One look's growth as blocks, by shard. `at`: milliseconds; the numbers are ids of series. Counts are rounded. */
export function lookBlocks(
  at: number,
  grown: Iterable<readonly [number, Increment]>,
  carry: Carry,
): Map<number, Block> {
  const times = [at];
  const shards = new Map<number, Map<number, Cells>>();
  for (const [id, increment] of grown) {
    const cells = cellsOf(id, increment, carry);
    if (cells === undefined) continue;
    const shard = Math.floor(id / shardSize);
    let series = shards.get(shard);
    if (series === undefined) {
      series = new Map();
      shards.set(shard, series);
    }
    series.set(id % shardSize, cells);
  }
  return new Map([...shards].map(([shard, series]) => [shard, { times, series }]));
}

function cellsOf(id: number, { name, value, buckets }: Increment, carry: Carry): Cells | undefined {
  if (buckets === undefined) {
    if (ofBytes.test(name)) return { kind: "amount", lowest: 0, columns: [[rounded(id, value, carry)]] };
    const count = whole(value);
    return count === 0 ? undefined : { kind: "count", lowest: 0, columns: [[count]] };
  }
  const { counts } = buckets;
  let lowest = 0;
  let end = counts.length;
  while (lowest < end && whole(counts[lowest]) === 0) lowest++;
  while (end > lowest && whole(counts[end - 1]) === 0) end--;
  if (lowest === end) return undefined;
  const columns: number[][] = [];
  for (let i = lowest; i < end; i++) columns.push([whole(counts[i])]);
  columns.push([rounded(id, buckets.sum, carry)]);
  return { kind: "histogram", lowest, columns };
}

function rounded(id: number, amount: number, carry: Carry): number {
  const wanted = amount + (carry.get(id) ?? 0);
  const code = amountCode(wanted);
  carry.set(id, wanted - amountOf(code));
  return code;
}

function whole(count = 0): number {
  return Math.min(mostCount, Math.max(0, Math.round(count)));
}
