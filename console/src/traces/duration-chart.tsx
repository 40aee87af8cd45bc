import { type ReactElement, useMemo, useRef, useState } from "react";
import type uPlot from "uplot";
import type { Line } from "../charts/lines.ts";
import { axisLook, pageColour, spanOf, timeAxis, usePlot } from "../charts/plot.ts";
import { clockTime, count, latency } from "../format/quantity.ts";
import { borders, type Cell, cellsOf, type Mark, nearest, rangeOf } from "./bins.ts";
import { drawCells, drawMarks, readInk, strength } from "./draw.ts";

const height = 208;
const columns = 48;
/** A mark is meant within this many pixels of it. */
const reach = 14;

interface DurationChartProps {
  readonly marks: readonly Mark[];
  readonly from: number;
  readonly to: number;
  readonly kind: "scatter" | "heat";
  /** Percentiles of what was asked for, as metrics have them; milliseconds. */
  readonly lines: readonly Line[];
  readonly onOpen: (id: string) => void;
  readonly onRange: (low: number, high: number) => void;
}

/** Every trace by its time and its duration, as dots or counted in cells; percentiles of the metrics as lines. A click opens a trace, or keeps a cell's durations. */
export function DurationChart(props: DurationChartProps): ReactElement {
  const [words, setWords] = useState<string>();
  const current = useRef(props);
  current.current = props;
  const { marks, lines, kind, from, to } = props;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn is all of these
  const data = useMemo(() => dataOf(props), [marks, lines, kind, from, to]);
  const host = usePlot((box) => optionsFor(box, () => current.current, setWords), data, [lines.length]);
  const failed = marks.filter((m) => m.failed).length;
  const most = Math.max(1, ...cellsOf(marks, from, to, columns).map((cell) => cell.count));
  return (
    <figure className="duration-chart">
      <figcaption>
        <span className="small-label">
          {kind === "heat" ? "Traces by time and duration" : "Duration of each trace"}
        </span>
        <span className="legend" aria-hidden={true}>
          {kind === "heat" ? <Scale most={most} /> : <i className="dot ok" />} {kind === "heat" ? "" : "went well"}{" "}
          <i className="dot failed" /> failed
          {lines.map(({ name }) => (
            <span key={name}>
              <i className={`line ${name}`} /> {name} of all requests
            </span>
          ))}
        </span>
        <span className="said-here" aria-live="off">
          {words}
        </span>
      </figcaption>
      <div
        ref={host}
        className="plot"
        style={{ height }}
        role="img"
        aria-label={`${count(marks.length, "trace")} over time by duration, ${failed} with failures; the table below lists them`}
      />
    </figure>
  );
}

/** How many traces a cell stands for, from one to the most that one has. */
function Scale({ most }: { readonly most: number }): ReactElement {
  return (
    <span className="scale">
      {most > 1 && "1 "}
      <i style={{ opacity: strength(1, most) }} />
      {most > 3 && <i style={{ opacity: strength(most / 2, most) }} />}
      {most > 1 && <i />} {count(most, "trace")}
    </span>
  );
}

/** Lines are uPlot's own; marks and cells are drawn over them. The ends of the time are always there. */
function dataOf({ from, to, lines }: DurationChartProps): uPlot.AlignedData {
  const times = [...new Set([from, to, ...lines.flatMap((l) => l.points.map(([t]) => t))])].filter(
    (t) => t >= from && t <= to,
  );
  times.sort((a, b) => a - b);
  const columnsOf = lines.map((line) => {
    const values = new Map(line.points);
    return times.map((t) => values.get(t) || null);
  });
  return [times.map((t) => t / 1000), times.map(() => null), ...columnsOf];
}

const dashes: readonly (readonly number[])[] = [[], [6, 4], [2, 3]];

function optionsFor(
  box: HTMLElement,
  current: () => DurationChartProps,
  onWords: (words: string | undefined) => void,
): uPlot.Options {
  return {
    width: box.clientWidth,
    height,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, x: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { time: true },
      y: { distr: 3, range: () => rangeFor(current()) },
    },
    axes: [
      timeAxis((u) => spanOf(u) < 600),
      {
        ...axisLook(),
        size: 56,
        gap: 4,
        splits: (_u, _axis, low, high) => borders.filter((border) => border >= low && border <= high),
        // every border has its name, not only powers of ten
        filter: (_u, splits) => splits,
        values: (_, values) => values.map((v) => (v === null ? null : latency(v))),
      },
    ],
    series: [
      {},
      { show: true, points: { show: false } },
      ...current().lines.map((_, i) => ({
        stroke: pageColour("quiet"),
        width: 1,
        dash: [...(dashes[i] ?? [])],
        points: { show: false },
        spanGaps: true,
      })),
    ],
    hooks: {
      draw: [(u) => draw(u, current())],
      ready: [(u) => listen(u, current, onWords)],
    },
  };
}

function rangeFor({ marks, lines }: DurationChartProps): [number, number] {
  const values = lines.flatMap((l) => l.points.flatMap(([, v]) => (v === null ? [] : [v])));
  const [low, high] = rangeOf([...marks.map((m) => m.duration), ...values]);
  return [low, high];
}

function draw(u: uPlot, { marks, kind, from, to }: DurationChartProps): void {
  if (kind === "heat") drawCells(u, cellsOf(marks, from, to, columns), readInk());
  else drawMarks(u, marks, readInk());
}

/** Marks and cells under the pointer are named, and answer to a click. */
function listen(u: uPlot, current: () => DurationChartProps, onWords: (words: string | undefined) => void): void {
  const place = ({ start, duration }: Mark) => ({ x: u.valToPos(start / 1000, "x"), y: u.valToPos(duration, "y") });
  const at = (event: MouseEvent) => ({ x: event.offsetX, y: event.offsetY });
  const mark = (event: MouseEvent) => nearest(current().marks, place, at(event), reach);
  const cell = (event: MouseEvent): Cell | undefined => {
    const { marks, from, to } = current();
    const [time, duration] = [u.posToVal(event.offsetX, "x") * 1000, u.posToVal(event.offsetY, "y")];
    return cellsOf(marks, from, to, columns).find(
      (c) => time >= c.from && time < c.to && duration >= c.low && duration < c.high,
    );
  };
  u.over.addEventListener("mousemove", (event) => {
    const found = current().kind === "heat" ? cell(event) : mark(event);
    u.over.style.cursor = found ? "pointer" : "default";
    onWords(found && ("count" in found ? cellWords(found) : markWords(found)));
  });
  u.over.addEventListener("mouseleave", () => onWords(undefined));
  u.over.addEventListener("click", (event) => {
    const { kind, onOpen, onRange } = current();
    const [one, several] = kind === "heat" ? [undefined, cell(event)] : [mark(event), undefined];
    if (one) onOpen(one.id);
    if (several) onRange(several.low, several.high);
  });
}

function markWords({ start, duration, failed }: Mark): string {
  return `${latency(duration)} at ${clockTime(start, true)}${failed ? ", failed" : ""}`;
}

function cellWords({ count: n, failed, low, high, from }: Cell): string {
  const among = failed > 0 ? `, ${failed} failed` : "";
  return `${count(n, "trace")} of ${latency(low)} to ${latency(high)} at ${clockTime(from, true)}${among}`;
}
