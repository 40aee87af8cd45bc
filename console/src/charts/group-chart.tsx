import { useComputedColorScheme } from "@mantine/core";
import { type ReactElement, type RefObject, useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { clockTime } from "../format/quantity.ts";
import { groupColour, groupDash } from "./group-colours.ts";
import { type Line, merged } from "./lines.ts";

interface GroupChartProps {
  readonly title: string;
  readonly groups: readonly Line[];
  /** Groups that are not shown. */
  readonly more: number;
  /** A value with its unit. */
  readonly format: (value: number) => string;
  /** The axis reaches at least this far. */
  readonly least: number;
}

const height = 150;

/** One metric with a line for each group, each with its last value, or with the one under the crosshair that all charts share. */
export function GroupChart(props: GroupChartProps): ReactElement {
  const { title, groups, more, format } = props;
  const [pointed, setPointed] = useState<number>();
  const host = usePlot(props, setPointed);
  const data = useMemo(() => merged(groups), [groups]);
  const time = pointed === undefined ? undefined : data[0][pointed];
  return (
    <figure className="group-chart">
      <figcaption className="small-label">
        {title}
        {time !== undefined && ` at ${clockTime(time * 1000, true)}`}
      </figcaption>
      <div ref={host} className="plot" style={{ height }} role="img" aria-label={`${title} over time`} />
      {groups.length === 0 && <p className="quiet">nothing measured</p>}
      <ul>
        {groups.map((group, i) => {
          const value = time === undefined ? lastOf(group) : data[i + 1]?.[pointed ?? 0];
          return (
            <li key={group.name}>
              <svg width="16" height="8" aria-hidden="true">
                <line
                  x1="0"
                  y1="4"
                  x2="16"
                  y2="4"
                  stroke={groupColour(i)}
                  strokeWidth="2.5"
                  strokeDasharray={groupDash(i).join(" ")}
                />
              </svg>
              <span className="mono cut">{group.name}</span>
              <span>{value === undefined || value === null ? <span className="quiet">–</span> : format(value)}</span>
            </li>
          );
        })}
        {more > 0 && <li className="quiet">and {more} more, which are less</li>}
      </ul>
    </figure>
  );
}

function lastOf(line: Line): number | undefined {
  return line.points.findLast(([, value]) => value !== null)?.[1] ?? undefined;
}

/** Draws into the element that it gives, again when the theme or the groups change. */
function usePlot(
  { groups, format, least }: GroupChartProps,
  onPoint: (index: number | undefined) => void,
): RefObject<HTMLDivElement | null> {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const colorScheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const shape = groups.map((g) => g.name).join("\n");
  const current = useRef(groups);
  current.current = groups;
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from the page when the theme changes, lines by the effect below
  useEffect(() => {
    const box = host.current;
    if (!box) return;
    const options = {
      ...optionsFor(box, current.current.length, format, least),
      hooks: { setCursor: [(u: uPlot) => onPoint(u.cursor.idx ?? undefined)] },
    };
    const chart = new uPlot(options, merged(current.current), box);
    plot.current = chart;
    const watch = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height }));
    watch.observe(box);
    return () => {
      watch.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [shape, format, least, colorScheme, onPoint]);
  useEffect(() => {
    plot.current?.setData(merged(groups));
  }, [groups]);
  return host;
}

function optionsFor(box: HTMLElement, lines: number, format: (value: number) => string, least: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const axis = {
    stroke: colour("quiet"),
    font: '10px "IBM Plex Mono", monospace',
    ticks: { show: false },
    grid: { stroke: colour("hairline"), width: 1 },
  };
  return {
    width: box.clientWidth,
    height,
    padding: [6, 4, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: "weft" }, y: false, points: { size: 5 }, drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: (_, _min, max) => [0, Math.max(max ?? 0, least) * 1.1] } },
    axes: [
      {
        ...axis,
        size: 18,
        gap: 2,
        grid: { show: false },
        space: 90,
        values: (_, times) => times.map((t) => clockTime(t * 1000)),
      },
      { ...axis, size: 58, gap: 4, space: 34, values: (_, values) => values.map((v) => (v === 0 ? "0" : format(v))) },
    ],
    series: [
      {},
      ...Array.from({ length: lines }, (_, i) => ({
        stroke: groupColour(i),
        width: 1.5,
        dash: [...groupDash(i)],
        points: { show: false },
      })),
    ],
  };
}
