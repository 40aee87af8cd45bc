import type { Graph, GraphEdge } from "../../../src/api/contract/graph.ts";

/** What figures are shown of: an edge, or several taken together. */
export type Flow = Pick<
  GraphEdge,
  | "protocol"
  | "rate"
  | "errorShare"
  | "p50"
  | "p95"
  | "p99"
  | "bytesSentRate"
  | "bytesReceivedRate"
  | "open"
  | "mtlsShare"
  | "codes"
  | "flags"
>;

/**
 * Several edges as one. Rates, bytes, codes and flags add up; shares are weighed by rate. Percentiles cannot be added: the sum shows the slowest
 * edge's, which is an upper bound.
 * @returns undefined for no edges.
 */
export function summed(edges: readonly GraphEdge[]): Flow | undefined {
  if (edges.length === 0) return undefined;
  const rate = total(edges, (e) => e.rate);
  const weighed = (of: (e: GraphEdge) => number) => (rate > 0 ? total(edges, (e) => e.rate * of(e)) / rate : 0);
  const flow = {
    protocol: edges.every((e) => e.protocol === "tcp")
      ? ("tcp" as const)
      : (edges.find((e) => e.protocol !== "tcp")?.protocol ?? "http"),
    rate,
    errorShare: weighed((e) => e.errorShare),
    mtlsShare: weighed((e) => e.mtlsShare),
    codes: added(edges.map((e) => e.codes)),
    flags: added(edges.map((e) => e.flags)),
    open: total(edges, (e) => e.open ?? 0),
    bytesSentRate: total(edges, (e) => e.bytesSentRate ?? 0),
    bytesReceivedRate: total(edges, (e) => e.bytesReceivedRate ?? 0),
  };
  const slowest = Object.fromEntries(
    (["p50", "p95", "p99"] as const).flatMap((p) => {
      const values = edges.flatMap((e) => e[p] ?? []);
      return values.length > 0 ? [[p, Math.max(...values)]] : [];
    }),
  );
  return { ...flow, ...slowest };
}

export interface GraphSums {
  /** Requests a second that come in from outside the mesh, and those between its workloads. */
  readonly fromOutside: number;
  readonly inside: number;
  readonly errorShare: number;
  readonly slowest: number | undefined;
  /** Bytes a second over TCP, both ways; absent without TCP. */
  readonly tcpBytes: number | undefined;
  /** Share of what flows inside that goes through mutual TLS; what comes from outside has no certificate of ours to show. */
  readonly mtlsInside: number | undefined;
}

/** What the whole graph comes to. */
export function sumsOf(graph: Pick<Graph, "nodes" | "edges">): GraphSums {
  const unknown = graph.nodes.filter((n) => n.type === "unknown");
  // where nobody outside was seen, what a gateway sends on is what came in
  const outside = new Set(
    (unknown.length > 0 ? unknown : graph.nodes.filter((n) => n.type === "gateway")).map((n) => n.id),
  );
  const http = graph.edges.filter((e) => e.protocol !== "tcp");
  const tcp = graph.edges.filter((e) => e.protocol === "tcp");
  const inner = graph.edges.filter((e) => unknown.every((n) => n.id !== e.source));
  const innerRate = total(inner, (e) => e.rate);
  const all = summed(http);
  return {
    fromOutside: total(
      http.filter((e) => outside.has(e.source)),
      (e) => e.rate,
    ),
    inside: total(
      http.filter((e) => !outside.has(e.source)),
      (e) => e.rate,
    ),
    errorShare: all?.errorShare ?? 0,
    slowest: all?.p95,
    tcpBytes: tcp.length === 0 ? undefined : total(tcp, (e) => (e.bytesSentRate ?? 0) + (e.bytesReceivedRate ?? 0)),
    mtlsInside: innerRate > 0 ? total(inner, (e) => e.rate * e.mtlsShare) / innerRate : undefined,
  };
}

function total(edges: readonly GraphEdge[], of: (e: GraphEdge) => number): number {
  return edges.reduce((sum, e) => sum + of(e), 0);
}

function added(records: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const record of records)
    for (const [key, value] of Object.entries(record)) sums.set(key, (sums.get(key) ?? 0) + value);
  return Object.fromEntries(sums);
}
