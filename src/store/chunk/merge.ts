import { amountCode, amountOf } from "./amount.ts";
import type { Block, Cells } from "./chunk.ts";
import { mostCount } from "./column.ts";

/** Blocks of one shard that follow each other in time, as one. */
export function joined(blocks: readonly Block[]): Block {
  const times = blocks.flatMap(({ times }) => times);
  const parts = new Map<number, { readonly at: number; readonly cells: Cells }[]>();
  let at = 0;
  for (const block of blocks) {
    for (const [id, cells] of block.series) {
      const known = parts.get(id);
      if (known === undefined) parts.set(id, [{ at, cells }]);
      else known.push({ at, cells });
    }
    at += block.times.length;
  }
  const series = new Map<number, Cells>();
  for (const [id, own] of parts) {
    const cells = joinedCells(own, times.length);
    if (cells !== undefined) series.set(id, cells);
  }
  return { times, series };
}

/** A block's sums, at its last time. */
export function summed({ times, series }: Block, at = times.at(-1) ?? 0): Block {
  const sums = new Map<number, Cells>();
  for (const [id, { kind, lowest, columns }] of series) {
    const last = columns.length - 1;
    const single = columns.map((column, i) => [
      kind === "amount" || (kind === "histogram" && i === last) ? amountCode(amounts(column)) : counts(column),
    ]);
    sums.set(id, { kind, lowest, columns: single });
  }
  return { times: [at], series: sums };
}

/** A column of counts as their sum. */
function counts(column: readonly number[]): number {
  let sum = 0;
  for (const value of column) sum += value;
  return Math.min(mostCount, sum);
}

function amounts(column: readonly number[]): number {
  let sum = 0;
  for (const code of column) sum += amountOf(code);
  return sum;
}

function joinedCells(
  parts: readonly { readonly at: number; readonly cells: Cells }[],
  count: number,
): Cells | undefined {
  const first = parts[0]?.cells;
  if (first === undefined) return undefined;
  const { kind } = first;
  const same = parts.filter(({ cells }) => cells.kind === kind);
  if (kind !== "histogram") return { kind, lowest: 0, columns: [spread(same, () => 0, count)] };
  const lowest = Math.min(...same.map(({ cells }) => cells.lowest));
  const end = Math.max(...same.map(({ cells }) => cells.lowest + cells.columns.length - 1));
  const columns: number[][] = [];
  for (let bucket = lowest; bucket < end; bucket++)
    columns.push(spread(same, (cells) => bucket - cells.lowest, count, 1));
  columns.push(spread(same, (cells) => cells.columns.length - 1, count));
  return { kind, lowest, columns };
}

/** One column of parts over all times. `except`: columns at the end of a part that are not meant. */
function spread(
  parts: readonly { readonly at: number; readonly cells: Cells }[],
  indexOf: (cells: Cells) => number,
  count: number,
  except = 0,
): number[] {
  const values = new Array<number>(count).fill(0);
  for (const { at, cells } of parts) {
    const index = indexOf(cells);
    const column = index < cells.columns.length - except ? cells.columns[index] : undefined;
    if (column !== undefined) for (let i = 0; i < column.length; i++) values[at + i] = column[i] ?? 0;
  }
  return values;
}

/** What of a block is not later than a moment; undefined where all of it is. */
export function until({ times, series }: Block, at: number): Block | undefined {
  const kept = times.filter((t) => t <= at);
  if (kept.length === 0) return undefined;
  const cut = [...series].map(([id, cells]) => {
    const columns = cells.columns.map((column) => column.slice(0, kept.length));
    return [id, { ...cells, columns }] as const;
  });
  return { times: kept, series: new Map(cut) };
}
