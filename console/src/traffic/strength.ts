import type { GraphEdge } from "../../../src/api/contract/graph.ts";
import type { Health } from "../../../src/api/contract/health.ts";
import { byteRate, latency, percent, rate } from "../format/quantity.ts";

/** How much of what an edge shows. All pure. */

/** Share of errors from which an edge is degraded, and from which it fails. */
const degradedFrom = 0.001;
const failingFrom = 0.05;

/** Width in pixels, by the logarithm of the rate: 1 for nothing, about 2 for 1/s, 5 for 1,000/s and no more than 6. */
export function widthOf(edge: Pick<GraphEdge, "rate">): number {
  return Math.min(6, 1 + 1.2 * Math.log10(1 + edge.rate * 4));
}

/** Whether anything flows: requests, or TCP connections that are new or stand open. */
export function flows(edge: Pick<GraphEdge, "rate" | "open">): boolean {
  return edge.rate > 0 || (edge.open ?? 0) > 0;
}

/** The state that an edge's share of errors stands for; `unknown` where nothing flows. */
export function stateOf(edge: Pick<GraphEdge, "rate" | "errorShare" | "open">): Health {
  if (!flows(edge)) return "unknown";
  if (edge.errorShare >= failingFrom) return "failing";
  return edge.errorShare >= degradedFrom ? "degraded" : "healthy";
}

/**
 * Dots that are under way on an edge at once.
 * @param length of the edge; a short one has room for few.
 */
export function dotsOf(edge: Pick<GraphEdge, "rate">, length: number): number {
  const room = Math.max(2, Math.floor(length / 20));
  return edge.rate <= 0 ? 0 : Math.min(12, room, Math.max(1, Math.round(1.4 * Math.log2(1 + edge.rate))));
}

/** Seconds that a dot takes for the edge: slow answers are slow dots. TCP, which has no latency, takes three. */
export function travelOf(edge: Pick<GraphEdge, "p50">): number {
  return edge.p50 === undefined ? 3 : Math.min(9, 1.2 + 1.5 * Math.log10(1 + edge.p50));
}

/** The few edges that deserve a label without being asked: most errors first, then the slowest. */
export function worst(edges: readonly GraphEdge[], most = 5): ReadonlySet<string> {
  const flowing = edges.filter(flows);
  const order = flowing.toSorted((a, b) => lost(b) - lost(a) || (b.p95 ?? 0) - (a.p95 ?? 0));
  return new Set(order.slice(0, most).map((e) => e.id));
}

function lost(edge: GraphEdge): number {
  return edge.errorShare < degradedFrom ? 0 : edge.errorShare * Math.log2(1 + edge.rate);
}

/** What stands on an edge, in two short lines: its rate, and the share that fails or else its p95; for TCP the bytes of both ways. */
export interface Label {
  readonly rate: string;
  readonly below: string;
  /** What stands below is a share of errors. */
  readonly failed: boolean;
}

export function labelOf(edge: GraphEdge): Label {
  const head = { rate: rate(edge.rate), failed: false };
  if (edge.protocol === "tcp" && edge.rate <= 0 && edge.open)
    return { ...head, rate: `${edge.open} open`, below: "TCP" };
  if (edge.protocol === "tcp")
    return { ...head, below: byteRate((edge.bytesReceivedRate ?? 0) + (edge.bytesSentRate ?? 0)) };
  if (edge.errorShare >= degradedFrom) return { ...head, below: `${percent(edge.errorShare)} err`, failed: true };
  return { ...head, below: latency(edge.p95) };
}

/** Whether some of the traffic went without mutual TLS. */
export function isOpen(edge: Pick<GraphEdge, "mtlsShare" | "rate" | "open">): boolean {
  return flows(edge) && edge.mtlsShare < 0.9995;
}
