import type { AlignedData } from "uplot";
import type { Series } from "../../../src/api/contract/series.ts";

/** One line of a chart. */
export interface Line {
  readonly name: string;
  readonly points: Series["points"];
}

/** Lines on one axis of time, in seconds as uPlot has it; a gap where a line has no value at a time. */
export function merged(lines: readonly Line[]): AlignedData {
  const times = [...new Set(lines.flatMap((l) => l.points.map(([t]) => Math.round(t / 1000))))].toSorted(
    (a, b) => a - b,
  );
  const columns = lines.map((line) => {
    const values = new Map(line.points.map(([t, value]) => [Math.round(t / 1000), value]));
    return times.map((t) => values.get(t) ?? null);
  });
  return [times, ...columns];
}
