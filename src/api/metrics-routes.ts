import type { Labels } from "../model/sample.ts";
import { edgeMetrics, type MeasuredEdge } from "./edges.ts";
import { endsOf } from "./ends.ts";
import { Refusal, sendJson } from "./http/answer.ts";
import { numberOf, type Route } from "./http/route.ts";
import { type Grouping, groupedSeries, groupings } from "./metrics/grouped.ts";
import { rosterOf } from "./roster.ts";
import { type SeriesMetric, seriesMetrics, stepFor } from "./series.ts";
import type { View } from "./who/views.ts";

const day = 24 * 60 * 60;
const mostNodes = 500;

/** Metrics of workloads and hosts, told apart by what is asked for. */
export function metricsRoutes({
  state,
  history,
  now,
}: Pick<View, "state" | "history"> & { now: () => number }): Route[] {
  return [
    {
      method: "GET",
      path: "/api/v1/metrics",
      needs: "sight",
      handle: async ({ query, response }) => {
        const at = now();
        const to = numberOf(query, "to", { min: 0, max: at + day * 1000, fallback: at });
        const from = numberOf(query, "from", { min: 0, max: to - 1, fallback: Math.max(0, to - 15 * 60_000) });
        const step = stepFor(to - from, numberOf(query, "step", { min: 1, max: day, fallback: 5 }) * 1000);
        const direction = oneOf(query, "direction", ["inbound", "outbound"] as const, "inbound");
        const reporter = query.has("reporter")
          ? { reporter: oneOf(query, "reporter", ["source", "destination"] as const, "destination") }
          : {};
        const roster = rosterOf(state);
        const steps = await history.steps(
          { names: edgeMetrics, matches: seriesWanted(query) },
          Math.floor(from / step) * step,
          Math.ceil(to / step) * step,
          step,
        );
        const answer = groupedSeries(steps, {
          wanted: wantedOf(query, direction),
          direction,
          metric: oneOf<SeriesMetric>(query, "metric", seriesMetrics, "rate"),
          by: oneOf<Grouping>(query, "by", groupings, "all"),
          ...reporter,
          versionOf: (id) => roster.get(id)?.version ?? "",
          live: to >= at - step,
        });
        sendJson(response, answer);
      },
    },
  ];
}

function wantedOf(query: URLSearchParams, direction: "inbound" | "outbound"): (edge: MeasuredEdge) => boolean {
  const host = query.get("host");
  if (host) return (e) => e.service === host || e.target === `external/${host}`;
  const nodes = new Set((query.get("nodes") ?? "").split(",").filter((id) => id !== ""));
  if (nodes.size === 0 || nodes.size > mostNodes)
    throw new Refusal(
      400,
      "metrics are of some workloads or of a host",
      `add ?nodes=ID,ID (${mostNodes} at most) or ?host=HOST`,
    );
  return direction === "inbound" ? (e) => nodes.has(e.target) : (e) => nodes.has(e.source);
}

/** Series that can be a part of the answer: the rest of the mesh is not read. */
function seriesWanted(query: URLSearchParams): (labels: Labels) => boolean {
  const host = query.get("host");
  if (host) return (labels) => labels["destination_service"] === host || endsOf(labels).target === `external/${host}`;
  const nodes = new Set((query.get("nodes") ?? "").split(","));
  return (labels) => {
    const { source, target } = endsOf(labels);
    return nodes.has(source) || nodes.has(target);
  };
}

function oneOf<T extends string>(query: URLSearchParams, name: string, known: readonly T[], fallback: T): T {
  const value = query.get(name) ?? fallback;
  const found = known.find((one) => one === value);
  if (found === undefined) throw new Refusal(400, `${name}: "${value}" is none`, `use one of ${known.join(", ")}`);
  return found;
}
