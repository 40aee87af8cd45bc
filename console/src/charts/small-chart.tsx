import { type ReactElement, useMemo, useState } from "react";
import type uPlot from "uplot";
import "./charts.css";
import { clockTime } from "../format/quantity.ts";
import { type Line, merged } from "./lines.ts";
import { axisLook, crosshair, pageColour, spanOf, timeAxis, usePlot } from "./plot.ts";

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
  const data = useMemo(() => merged(lines), [lines]);
  const shape = lines.map((l) => l.name).join();
  const host = usePlot((box) => optionsFor(box, props), data, [shape, format, props.tone, props.least], setPointed);
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

function lastOf(line: Line): number | undefined {
  return line.points.findLast(([, value]) => value !== null)?.[1] ?? undefined;
}

function optionsFor(box: HTMLElement, { lines, format, tone, least }: SmallChartProps): uPlot.Options {
  const stroke = pageColour(tone === "failing" ? "failing" : "accent");
  const band = lines.length === 2;
  return {
    width: box.clientWidth,
    height,
    padding: [6, 4, 0, 0],
    legend: { show: false },
    cursor: { ...crosshair, points: { size: 5, fill: stroke, stroke } },
    scales: { x: { time: true }, y: { range: (_, _min, max) => [0, Math.max(max ?? 0, least) * 1.1] } },
    axes: [
      { ...timeAxis((u) => spanOf(u) < 600), size: 16 },
      {
        ...axisLook(),
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
