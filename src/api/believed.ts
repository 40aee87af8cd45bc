import type { Labels } from "../model/sample.ts";
import type { Total } from "../store/store.ts";

/** Flags of requests that the client's proxy answered by itself: no server ever saw them. https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/observability/access_log/usage */
export const neverArrived = new Set(["UF", "UH", "UO", "NR", "NC", "FI", "RL", "DF", "DO", "OM", "UMSDR"]);

/** What both ends of an edge counted. */
interface Reported {
  readonly source: readonly Total[];
  readonly destination: readonly Total[];
}

/** The least share of what its clients say reached a server that it must have counted to be believed. */
const enough = 0.8;

/**
 * The server's report, with what only the client can know; the client's where there is no other, or where the server counted a part of the window alone, as
 * it does when its metrics are switched off or on. Metric by metric.
 */
export function believed(group: Reported): Total[] {
  const arrived = (t: Total) =>
    t.name !== "istio_requests_total" || !flagsOf(t.labels).some((flag) => neverArrived.has(flag));
  const volume = (totals: readonly Total[], name: string) =>
    totals.reduce((n, t) => (t.name === name ? n + counted(t) : n), 0);
  const sent = group.source.filter(arrived);
  const served = new Set(
    [...new Set(group.destination.map((t) => t.name))].filter(
      (name) => volume(group.destination, name) >= enough * volume(sent, name),
    ),
  );
  return [
    ...group.destination.filter((t) => served.has(t.name)),
    ...group.source.filter((t) => !served.has(t.name) || !arrived(t)),
  ];
}

/** How much a total counted: of a histogram, its observations. */
function counted({ buckets, value }: Total): number {
  return buckets === undefined ? value : buckets.counts.reduce((n, count) => n + count, 0);
}

/** Envoy's response flags of a request. */
export function flagsOf(labels: Labels): string[] {
  return (labels["response_flags"] ?? "").split(",").filter((f) => f !== "" && f !== "-" && f !== "unknown");
}
