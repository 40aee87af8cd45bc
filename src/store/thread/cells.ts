import type { Buckets } from "../../model/sample.ts";

/** Growth of series as plain numbers that another thread can be given without a copy: number of the series, value, how many counts of buckets (-1 without), from which bucket on, the counts, their sum. */
export class CellWriter {
  #cells = new Float64Array(4096);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(series: number, value: number, buckets: Buckets | undefined): void {
    const counts = buckets?.counts ?? [];
    if (this.#length + counts.length + 5 > this.#cells.length) this.#grow(counts.length + 5);
    this.#put(series);
    this.#put(value);
    if (buckets === undefined) {
      this.#put(-1);
      return;
    }
    let first = 0;
    let end = counts.length;
    while (first < end && counts[first] === 0) first++;
    while (end > first && counts[end - 1] === 0) end--;
    this.#put(end - first);
    this.#put(first);
    for (let i = first; i < end; i++) this.#put(counts[i] ?? 0);
    this.#put(buckets.sum);
  }

  finish(): Float64Array<ArrayBuffer> {
    return this.#cells.slice(0, this.#length);
  }

  #put(value: number): void {
    this.#cells[this.#length++] = value;
  }

  #grow(least: number): void {
    const larger = new Float64Array(Math.max(this.#cells.length * 2, this.#length + least));
    larger.set(this.#cells);
    this.#cells = larger;
  }
}

/** Growth of one series, of those of a CellWriter. */
export interface Cell {
  readonly series: number;
  readonly value: number;
  readonly buckets?: Buckets;
}

/** What was written from `start` up to `end`. `boundsOf` a series: its buckets' bounds; undefined for a series that nobody knows any more, which is left out. */
export function* readCells(
  cells: Float64Array,
  start: number,
  end: number,
  boundsOf: (series: number) => readonly number[] | undefined,
): Generator<Cell> {
  for (let at = start; at < end; ) {
    const series = cells[at] ?? 0;
    const value = cells[at + 1] ?? 0;
    const width = cells[at + 2] ?? -1;
    const bounds = boundsOf(series);
    if (width < 0) {
      at += 3;
      if (bounds !== undefined) yield { series, value };
      continue;
    }
    const first = cells[at + 3] ?? 0;
    if (bounds !== undefined) {
      const counts = new Array<number>(bounds.length + 1).fill(0);
      for (let i = 0; i < width; i++) counts[first + i] = cells[at + 4 + i] ?? 0;
      yield { series, value, buckets: { bounds, counts, sum: cells[at + 4 + width] ?? 0 } };
    }
    at += width + 5;
  }
}
