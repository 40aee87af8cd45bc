import { useComputedColorScheme } from "@mantine/core";
import { type ReactElement, type RefObject, useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import "./charts.css";
import { clockTime } from "../format/quantity.ts";
import { type Line, merged } from "./lines.ts";

interface SmallChartProps {
  readonly title: string;
  /** One line, or the lower and the upper of a band. */
  readonly lines: readonly Line[];
  /** A value with its unit. */
  readonly format: (value: number) => string;
  readonly tone: "plain" | "failing";
  /** The axis reaches at least this far, so that nothing does not fill the chart. */
  readonly least: number;
}

const height = 64;

/** One small chart: its last value at its end, or the value under the crosshair that all charts of the page share. */
export function SmallChart(props: SmallChartProps): ReactElement {
  const { title, lines, format } = props;
  const [pointed, setPointed] = useState<number>();
  const host = usePlot(props, setPointed);
  const data = useMemo(() => merged(lines), [lines]);
  const time = pointed === undefined ? undefined : data[0][pointed];
  const values = lines.map((line, i) => ({
    name: line.name,
    value: (time === undefined ? undefined : data[i + 1]?.[pointed ?? 0]) ?? lastOf(line),
  }));
  const known = values.some((v) => v.value !== undefined);
  return (
    <figure className="small-chart">
      <figcaption>
        <span className="small-label">
          {title}
          {time !== undefined && ` at ${clockTime(time * 1000, true)}`}
        </span>
        <span className="last">
          {values.map(
            (v) =>
              v.value !== undefined && (
                <span key={v.name}>
                  {lines.length > 1 && <span className="quiet">{v.name} </span>}
                  {format(v.value)}
                </span>
              ),
          )}
          {!known && <span className="quiet">nothing measured</span>}
        </span>
      </figcaption>
      <div ref={host} className="plot" style={{ height }} role="img" aria-label={`${title} over time`} />
    </figure>
  );
}

/** Draws into the element that it gives, again when the theme changes. */
function usePlot(
  { lines, format, tone, least }: SmallChartProps,
  onPoint: (index: number | undefined) => void,
): RefObject<HTMLDivElement | null> {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const colorScheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const shape = lines.map((l) => l.name).join();
  const current = useRef(lines);
  current.current = lines;
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from the page when the theme changes, lines by the effect below
  useEffect(() => {
    const box = host.current;
    if (!box) return;
    const options = optionsFor(box, current.current, { format, tone, least });
    const hooks = { setCursor: [(u: uPlot) => onPoint(u.cursor.idx ?? undefined)] };
    const chart = new uPlot({ ...options, hooks }, merged(current.current), box);
    plot.current = chart;
    const watch = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height }));
    watch.observe(box);
    return () => {
      watch.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [shape, format, tone, least, colorScheme, onPoint]);
  useEffect(() => {
    plot.current?.setData(merged(lines));
  }, [lines]);
  return host;
}

function lastOf(line: Line): number | undefined {
  return line.points.findLast(([, value]) => value !== null)?.[1] ?? undefined;
}

function optionsFor(
  box: HTMLElement,
  lines: readonly Line[],
  { format, tone, least }: Pick<SmallChartProps, "format" | "tone" | "least">,
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const stroke = colour(tone === "failing" ? "failing" : "accent");
  const axis = {
    stroke: colour("quiet"),
    font: '10px "IBM Plex Mono", monospace',
    ticks: { show: false },
    grid: { stroke: colour("hairline"), width: 1 },
  };
  const band = lines.length === 2;
  return {
    width: box.clientWidth,
    height,
    padding: [6, 4, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: "weft" },
      y: false,
      points: { size: 5, fill: stroke, stroke },
      drag: { x: false, y: false },
    },
    scales: { x: { time: true }, y: { range: (_, _min, max) => [0, Math.max(max ?? 0, least) * 1.1] } },
    axes: [
      {
        ...axis,
        size: 16,
        gap: 2,
        grid: { show: false },
        space: 90,
        values: (u, times) => times.map((t) => (isCut(u, t) ? null : clockTime(t * 1000, spanOf(u) < 600))),
      },
      {
        ...axis,
        size: 52,
        gap: 4,
        space: 24,
        splits: (u) => [0, (u.scales["y"]?.max ?? 1) / 1.1],
        values: (_, values) => values.map((v) => (v === 0 ? "0" : format(v))),
      },
    ],
    series: [
      {},
      ...lines.map((_, i) => ({
        stroke,
        width: band && i === 0 ? 1 : 1.5,
        points: { show: false },
        ...(band ? {} : { fill: `${stroke}14` }),
      })),
    ],
    ...(band ? { bands: [{ series: [2, 1] as [number, number], fill: `${stroke}22` }] } : {}),
  };
}

/** Seconds that the chart covers. */
function spanOf(plot: uPlot): number {
  const { min, max } = plot.scales["x"] ?? {};
  return (max ?? 0) - (min ?? 0);
}

/** Whether a label at this time would be cut off by a border. */
function isCut(plot: uPlot, seconds: number): boolean {
  const at = plot.valToPos(seconds, "x");
  return at < 24 || at > plot.over.clientWidth - 24;
}
