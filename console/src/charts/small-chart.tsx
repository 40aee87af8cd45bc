import { useComputedColorScheme } from "@mantine/core";
import { type ReactElement, useEffect, useRef } from "react";
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
}

const height = 64;

/** One small chart: its last value at its end, a crosshair that all charts of the page share. */
export function SmallChart({ title, lines, format, tone }: SmallChartProps): ReactElement {
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
    const chart = new uPlot(optionsFor(box, current.current, format, tone), merged(current.current), box);
    plot.current = chart;
    const watch = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height }));
    watch.observe(box);
    return () => {
      watch.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [shape, format, tone, colorScheme]);
  useEffect(() => {
    plot.current?.setData(merged(lines));
  }, [lines]);
  const last = lines.map((l) => ({ name: l.name, value: lastOf(l) }));
  const known = last.some((l) => l.value !== undefined);
  return (
    <figure className="small-chart">
      <figcaption>
        <span className="small-label">{title}</span>
        <span className="last">
          {last.map(
            (l) =>
              l.value !== undefined && (
                <span key={l.name}>
                  {lines.length > 1 && <span className="quiet">{l.name} </span>}
                  {format(l.value)}
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

function lastOf(line: Line): number | undefined {
  return line.points.findLast(([, value]) => value !== null)?.[1] ?? undefined;
}

function optionsFor(
  box: HTMLElement,
  lines: readonly Line[],
  format: (value: number) => string,
  tone: SmallChartProps["tone"],
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
    scales: { x: { time: true }, y: { range: (_, _min, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: [
      {
        ...axis,
        size: 16,
        gap: 2,
        grid: { show: false },
        space: 90,
        values: (u, times) => times.map((t) => clockTime(t * 1000, spanOf(u) < 600)),
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
