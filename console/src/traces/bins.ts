/** A point of the plot: when, how long (milliseconds both), whether something failed. */
export interface Mark {
  readonly id: string;
  readonly start: number;
  readonly duration: number;
  readonly failed: boolean;
}

/** A cell of the heat map: its borders and what lies in it. */
export interface Cell {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly failed: number;
}

/** Borders of durations in milliseconds, each about twice the one before: 1, 2, 5, 10 ... */
export const borders: readonly number[] = [-1, 0, 1, 2, 3, 4].flatMap((power) => [1, 2, 5].map((n) => n * 10 ** power));

/** Counts marks by time and duration; cells without any are left out. `columns` equal parts of the time. */
export function cellsOf(marks: readonly Mark[], from: number, to: number, columns: number): readonly Cell[] {
  const width = Math.max(1, (to - from) / columns);
  const cells = new Map<string, Cell>();
  for (const mark of marks) {
    if (mark.start < from || mark.start > to) continue;
    const column = Math.min(columns - 1, Math.floor((mark.start - from) / width));
    const row = rowOf(mark.duration);
    const key = `${column}/${row}`;
    const before = cells.get(key);
    cells.set(key, {
      from: from + column * width,
      to: from + (column + 1) * width,
      low: borders[row] ?? 0,
      high: borders[row + 1] ?? (borders.at(-1) as number) * 2,
      count: (before?.count ?? 0) + 1,
      failed: (before?.failed ?? 0) + (mark.failed ? 1 : 0),
    });
  }
  return [...cells.values()];
}

function rowOf(duration: number): number {
  const above = borders.findIndex((border) => border > duration);
  return above === -1 ? borders.length - 1 : Math.max(0, above - 1);
}

/** The range of durations that the plot shows: whole borders around all marks. */
export function rangeOf(values: readonly number[]): readonly [low: number, high: number] {
  const seen = values.filter((v) => v > 0);
  if (seen.length === 0) return [1, 100];
  const [least, most] = [Math.min(...seen), Math.max(...seen)];
  const low = borders.findLast((border) => border < least) ?? (borders[0] as number);
  const high = borders.find((border) => border > most) ?? most * 1.5;
  return high / low < 10 ? [low / 2, high * 2] : [low, high];
}

/** The mark nearest to a place, in pixels; undefined where none is nearer than `reach`. */
export function nearest(
  marks: readonly Mark[],
  place: (mark: Mark) => { readonly x: number; readonly y: number },
  at: { readonly x: number; readonly y: number },
  reach: number,
): Mark | undefined {
  let best: Mark | undefined;
  let least = reach;
  for (const mark of marks) {
    const { x, y } = place(mark);
    const distance = Math.hypot(x - at.x, y - at.y);
    if (distance <= least) [best, least] = [mark, distance];
  }
  return best;
}
