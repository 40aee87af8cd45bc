import { useComputedColorScheme } from "@mantine/core";
import { type ReactElement, type RefObject, useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Line } from "../charts/lines.ts";
import { clockTime, count, latency } from "../format/quantity.ts";
import { borders, type Cell, cellsOf, type Mark, nearest, rangeOf } from "./bins.ts";
import { drawCells, drawMarks, readInk } from "./draw.ts";

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
  const host = useDurationPlot(props, setWords);
  const { marks, lines, kind } = props;
  const failed = marks.filter((m) => m.failed).length;
  return (
    <figure className="duration-chart">
      <figcaption>
        <span className="small-label">
          {kind === "heat" ? "Traces by time and duration" : "Duration of each trace"}
        </span>
        <span className="legend" aria-hidden={true}>
          <i className="dot ok" /> went well <i className="dot failed" /> failed
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

/** Draws into the element that it gives, again when what is drawn or the theme changes. */
function useDurationPlot(
  props: DurationChartProps,
  onWords: (words: string | undefined) => void,
): RefObject<HTMLDivElement | null> {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const colorScheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const current = useRef(props);
  current.current = props;
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from the page when the theme changes, data by the effect below
  useEffect(() => {
    const box = host.current;
    if (!box) return;
    const chart = new uPlot(
      optionsFor(box, () => current.current, onWords),
      dataOf(current.current),
      box,
    );
    plot.current = chart;
    const watch = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height }));
    watch.observe(box);
    return () => {
      watch.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [colorScheme, onWords, props.lines.length]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn is all of these
  useEffect(() => {
    plot.current?.setData(dataOf(current.current));
  }, [props.marks, props.lines, props.kind, props.from, props.to]);
  return host;
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
  const ink = readInk();
  const axis = {
    stroke: ink.quiet,
    font: '10px "IBM Plex Mono", monospace',
    ticks: { show: false },
    grid: { stroke: ink.hairline, width: 1 },
  };
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
      {
        ...axis,
        size: 18,
        gap: 2,
        grid: { show: false },
        space: 90,
        values: (_, ts) => ts.map((t) => clockTime(t * 1000, true)),
      },
      {
        ...axis,
        size: 56,
        gap: 4,
        splits: (_u, _axis, low, high) => borders.filter((border) => border >= low && border <= high),
        values: (_, values) => values.map((v) => (v === null ? null : latency(v))),
      },
    ],
    series: [
      {},
      { show: true, points: { show: false } },
      ...current().lines.map((_, i) => ({
        stroke: ink.quiet,
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
