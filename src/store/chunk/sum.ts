import type { Buckets } from "../../model/sample.ts";
import { amountOf } from "./amount.ts";
import type { Cells, Kind } from "./chunk.ts";

/** What one series gained, being added up. Of a histogram: by bucket, and `value` is the sum of what was observed. */
export interface Sum {
  value: number;
  readonly counts: number[] | undefined;
}

/** Nothing yet. */
export function emptySum(kind: Kind): Sum {
  return { value: 0, counts: kind === "histogram" ? [] : undefined };
}

/** Adds the cells of times `start` up to `end`, exclusive. False where there was nothing to add. */
export function addCells(sum: Sum, { kind, lowest, columns }: Cells, start: number, end: number): boolean {
  let grew = 0;
  columns.forEach((column, i) => {
    const isAmount = kind === "amount" || (kind === "histogram" && i === columns.length - 1);
    let own = 0;
    for (let at = start; at < end; at++) own += isAmount ? amountOf(column[at] ?? 0) : (column[at] ?? 0);
    grew += own;
    if (kind !== "histogram" || isAmount || sum.counts === undefined) {
      sum.value += own;
      return;
    }
    while (sum.counts.length <= lowest + i) sum.counts.push(0);
    sum.counts[lowest + i] = (sum.counts[lowest + i] ?? 0) + own;
  });
  return grew > 0;
}

/** A counter's growth, or how many observations a histogram counted. */
export function countOf({ value, counts }: Sum): number {
  return counts === undefined ? value : counts.reduce((all, n) => all + n, 0);
}

/** As a histogram of bounds that are known of its series. */
export function bucketsOf({ value, counts = [] }: Sum, bounds: readonly number[]): Buckets {
  return { bounds, counts: Array.from({ length: bounds.length + 1 }, (_, i) => counts[i] ?? 0), sum: value };
}
