import { type ReactElement, useMemo, useState } from "react";
import type uPlot from "uplot";
import { clockTime } from "../format/quantity.ts";
import { groupColour, groupDash } from "./group-colours.ts";
import { type Line, merged } from "./lines.ts";
import { axisLook, crosshair, timeAxis, usePlot } from "./plot.ts";

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
  const data = useMemo(() => merged(groups), [groups]);
  const shape = groups.map((g) => g.name).join("\n");
  const host = usePlot((box) => optionsFor(box, props), data, [shape, format, props.least], setPointed);
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

function optionsFor(box: HTMLElement, { groups, format, least }: GroupChartProps): uPlot.Options {
  return {
    width: box.clientWidth,
    height,
    padding: [6, 4, 0, 0],
    legend: { show: false },
    cursor: { ...crosshair, points: { size: 5 } },
    scales: { x: { time: true }, y: { range: (_, _min, max) => [0, Math.max(max ?? 0, least) * 1.1] } },
    axes: [
      timeAxis(() => false),
      {
        ...axisLook(),
        size: 58,
        gap: 4,
        space: 34,
        values: (_, values) => values.map((v) => (v === 0 ? "0" : format(v))),
      },
    ],
    series: [
      {},
      ...groups.map((_, i) => ({
        stroke: groupColour(i),
        width: 1.5,
        dash: [...groupDash(i)],
        points: { show: false },
      })),
    ],
  };
}
