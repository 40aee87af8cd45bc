import type { Step } from "../../store/store.ts";
import type { GroupedSeries } from "../contract/metrics.ts";
import { edgesOf, type MeasuredEdge } from "../edges.ts";
import { parseNodeId } from "../ends.ts";
import { filled, metricOf, type SeriesMetric, unitOf } from "../series.ts";

export const groupings = ["all", "peer", "service", "version", "code", "flag", "protocol"] as const;
export type Grouping = (typeof groupings)[number];

export interface GroupedQuestion {
  /** Edges that are asked about: of each, those into it or out of it. */
  readonly wanted: (edge: MeasuredEdge) => boolean;
  readonly direction: "inbound" | "outbound";
  readonly metric: SeriesMetric;
  readonly by: Grouping;
  /** Whose reports count; absent: the server's, and the client's of what never reached one. */
  readonly reporter?: "source" | "destination";
  /** Version of a workload, by its id. */
  readonly versionOf: (id: string) => string;
  /** Whether the steps end now: what no look has reached yet is left out. */
  readonly live: boolean;
}

const most = 12;

/** One metric over time, a line for each value of what it is told apart by. */
export function groupedSeries(steps: readonly Step[], question: GroupedQuestion): GroupedSeries {
  const { wanted, metric, reporter, live } = question;
  const perStep = filled(steps).map((step) => {
    const totals = reporter === undefined ? step.totals : step.totals.filter((t) => t.labels["reporter"] === reporter);
    return { ...step, edges: edgesOf({ ...step, totals }).filter(wanted) };
  });
  const last = perStep.findLastIndex((s) => s.covered > 0) + 1 || perStep.length;
  const seen = live ? perStep.slice(0, last) : perStep;
  const weights = new Map<string, number>();
  for (const { edges } of seen)
    for (const edge of edges)
      for (const [name, part] of partsOf(edge, question))
        weights.set(name, (weights.get(name) ?? 0) + part.count + 1e-9);
  const names = [...weights].sort(([, a], [, b]) => b - a).map(([name]) => name);
  return {
    unit: unitOf(metric, false),
    groups: names.slice(0, most).map((name) => ({
      name,
      points: seen.map(({ time, covered, edges }) => {
        if (covered === 0) return [time, null] as const;
        const own = edges.flatMap((edge) => partsOf(edge, question).flatMap(([n, part]) => (n === name ? [part] : [])));
        return [time, metricOf(own, metric)] as const;
      }),
    })),
    more: Math.max(0, names.length - most),
  };
}

/** An edge by group. Codes and flags part its requests; other figures of a part are those of the whole edge. */
function partsOf(edge: MeasuredEdge, { by, direction, versionOf }: GroupedQuestion): [string, MeasuredEdge][] {
  const peer = direction === "inbound" ? edge.source : edge.target;
  if (by === "code") return split(edge, edge.codes, (code) => (code === "0" ? "no answer" : code));
  if (by === "flag") return split(edge, edge.flags, (flag) => flag);
  const name =
    by === "peer"
      ? parseNodeId(peer).name
      : by === "service"
        ? edge.service
        : by === "version"
          ? versionOf(edge.target) || "no version"
          : by === "protocol"
            ? edge.protocol
            : "all";
  return [[name, edge]];
}

function split(
  edge: MeasuredEdge,
  rates: Readonly<Record<string, number>>,
  nameOf: (key: string) => string,
): [string, MeasuredEdge][] {
  const all = Object.values(edge.codes).reduce((n, rate) => n + rate, 0);
  return Object.entries(rates).map(([key, rate]) => [
    nameOf(key),
    { ...edge, rate, count: all > 0 ? (edge.count * rate) / all : 0 },
  ]);
}
