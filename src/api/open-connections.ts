import type { Step } from "../store/store.ts";
import { edgesOf, type MeasuredEdge } from "./edges.ts";

/** The metrics that open connections are counted by. */
export const connectionMetrics: readonly string[] = [
  "istio_tcp_connections_opened_total",
  "istio_tcp_connections_closed_total",
];

/** Edges with the connections that are open on them. Those that only have old connections, which nothing new was counted of, join them. */
export function withOpen(edges: readonly MeasuredEdge[], history: Pick<Step, "totals">): MeasuredEdge[] {
  const long = edgesOf({ covered: 0, totals: history.totals }).filter((e) => e.protocol === "tcp" && e.opened > 0);
  const open = new Map(long.map((e) => [e.id, e.opened]));
  const known = new Set(edges.map((e) => e.id));
  const quiet = long
    .filter((e) => !known.has(e.id))
    .map((e) => ({ ...e, count: 0, errors: 0, errorShare: 0, codes: {}, flags: {} }));
  return [...edges, ...quiet].map((e) => (open.has(e.id) ? { ...e, open: open.get(e.id) ?? 0 } : e));
}
