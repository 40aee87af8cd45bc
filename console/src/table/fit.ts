import type { Column } from "./columns.ts";

/** What a column takes where it says nothing itself: the last one, with a sentence. */
const usual = 200;

function leastOf(column: Pick<Column<never>, "width">): number {
  return column.width ? Number.parseInt(column.width, 10) : usual;
}

/** What the columns need, in pixels: below this a table is scrolled sideways rather than squeezed. */
export function leastWidth(columns: readonly Pick<Column<never>, "width">[]): number {
  return columns.reduce((sum, column) => sum + leastOf(column), 0);
}

/**
 * Columns as they fit into the room. Where it is short, those that may `yield` are left out, the first to yield first, unless somebody chose them; where there is more,
 * those that may grow get as much of it as they can use, in order, and columns without a width share what is left.
 * @param room pixels; 0 where nothing was measured yet.
 * @param chosen columns that somebody asked for by name.
 */
export function fitted<T>(
  columns: readonly Column<T>[],
  room: number,
  chosen: (id: string) => boolean,
): readonly Column<T>[] {
  if (room <= 0) return columns;
  let left = columns;
  while (leastWidth(left) > room) {
    const next = left.filter((c) => c.yields !== undefined && !chosen(c.id)).toSorted((a, b) => order(a) - order(b))[0];
    if (!next) return left;
    left = left.filter((c) => c !== next);
  }
  let spare = room - leastWidth(left);
  return left.map((column) => {
    if (column.most === undefined || spare <= 0) return column;
    const more = Math.min(spare, column.most - leastOf(column));
    spare -= more;
    return { ...column, width: `${leastOf(column) + more}px` };
  });
}

function order(column: Pick<Column<never>, "yields">): number {
  return column.yields ?? Number.POSITIVE_INFINITY;
}
