import { useComputedColorScheme } from "@mantine/core";
import { type RefObject, useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { clockTime } from "../format/quantity.ts";

/** The crosshair that all charts of a page share. */
export const crosshair = { sync: { key: "weft" }, y: false, drag: { x: false, y: false } } as const;

/** A colour of the page as it is now, by its name in base.css. */
export function pageColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** How every axis looks. */
export function axisLook() {
  return {
    stroke: pageColour("quiet"),
    font: '10px "IBM Plex Mono", monospace',
    ticks: { show: false },
    grid: { stroke: pageColour("hairline"), width: 1 },
  };
}

/** Times below a chart, without those that a border would cut. @param seconds whether they are said to the second. */
export function timeAxis(seconds: (u: uPlot) => boolean): uPlot.Axis {
  return {
    ...axisLook(),
    size: 18,
    gap: 2,
    grid: { show: false },
    space: 90,
    values: (u, times) => times.map((t) => (isCut(u, t) ? null : clockTime(t * 1000, seconds(u)))),
  };
}

/** Seconds that a chart covers. */
export function spanOf(plot: uPlot): number {
  const { min, max } = plot.scales["x"] ?? {};
  return (max ?? 0) - (min ?? 0);
}

/** Whether a label at this time would be cut off by a border. */
function isCut(plot: uPlot, seconds: number): boolean {
  const at = plot.valToPos(seconds, "x");
  return at < 24 || at > plot.over.clientWidth - 24;
}

/**
 * Draws into the element that it gives, as wide as that is; again when the theme changes or one of `again`.
 * @param options of a chart in this box; its height stays.
 * @param onPoint told where the crosshair stands: the index of a time, undefined where there is none.
 */
export function usePlot(
  options: (box: HTMLElement) => uPlot.Options,
  data: uPlot.AlignedData,
  again: readonly unknown[],
  onPoint?: (index: number | undefined) => void,
): RefObject<HTMLDivElement | null> {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const colorScheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const current = useRef({ options, data });
  current.current = { options, data };
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from the page when the theme changes, data by the effect below
  useEffect(() => {
    const box = host.current;
    if (!box) return;
    const made = current.current.options(box);
    const hooks = onPoint
      ? { ...made.hooks, setCursor: [(u: uPlot) => onPoint(u.cursor.idx ?? undefined)] }
      : made.hooks;
    const chart = new uPlot({ ...made, ...(hooks ? { hooks } : {}) }, current.current.data, box);
    plot.current = chart;
    const watch = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: made.height }));
    watch.observe(box);
    return () => {
      watch.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [colorScheme, onPoint, ...again]);
  useEffect(() => {
    plot.current?.setData(data);
  }, [data]);
  return host;
}
