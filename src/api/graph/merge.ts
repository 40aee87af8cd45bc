import type { Buckets } from "../../model/sample.ts";
import { addBuckets } from "../../store/histogram.ts";
import { latencies, type MeasuredEdge } from "../edges.ts";

/** The ends of an edge that others are made one in. */
export interface MergedEnds {
  readonly id: string;
  readonly source: string;
  readonly target: string;
}

/** Several edges as one: counts add up, shares are of what they count, percentiles are of all latencies together. At least one edge. */
export function mergedEdge(ends: MergedEnds, edges: readonly MeasuredEdge[]): MeasuredEdge {
  const [first] = edges;
  if (first === undefined) throw new Error("no edge to merge");
  if (edges.length === 1) return { ...first, ...ends, ...hostsOf(edges) };
  const total = (of: (e: MeasuredEdge) => number | undefined) => edges.reduce((n, e) => n + (of(e) ?? 0), 0);
  const count = total((e) => e.count);
  const errors = total((e) => e.errors);
  const latency = edges.reduce<Buckets | undefined>(
    (sum, e) => (sum && e.latency ? addBuckets(sum, e.latency) : (sum ?? e.latency)),
    undefined,
  );
  const services = new Set(edges.map((e) => e.service));
  return {
    ...ends,
    protocol: first.protocol,
    service: services.size === 1 ? first.service : "",
    rate: total((e) => e.rate),
    errorShare: count > 0 ? Math.min(1, errors / count) : 0,
    ...latencies(latency),
    ...optionalSums(edges),
    mtlsShare: mtlsShare(edges),
    codes: added(edges.map((e) => e.codes)),
    flags: added(edges.map((e) => e.flags)),
    count,
    errors,
    opened: total((e) => e.opened),
    ...(latency ? { latency } : {}),
    reporters: new Set(edges.flatMap((e) => [...e.reporters])),
    ...(edges.every((e) => e.noise) ? { noise: true } : {}),
    ...hostsOf(edges),
    ...principalsOf(edges),
  };
}

const optional = ["bytesSentRate", "bytesReceivedRate", "messagesSentRate", "messagesReceivedRate", "open"] as const;

function optionalSums(edges: readonly MeasuredEdge[]): Partial<Record<(typeof optional)[number], number>> {
  return Object.fromEntries(
    optional.flatMap((name) => {
      const values = edges.flatMap((e) => e[name] ?? []);
      return values.length > 0 ? [[name, values.reduce((a, b) => a + b, 0)]] : [];
    }),
  );
}

/** By what flows on each; edges on which nothing new flows count alike. */
function mtlsShare(edges: readonly MeasuredEdge[]): number {
  const weight = (e: MeasuredEdge) => e.count + (e.open ?? 0);
  const all = edges.reduce((n, e) => n + weight(e), 0);
  if (all === 0) return edges.reduce((n, e) => n + e.mtlsShare, 0) / edges.length;
  return edges.reduce((n, e) => n + weight(e) * e.mtlsShare, 0) / all;
}

function added(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const record of records)
    for (const [key, value] of Object.entries(record)) sums.set(key, (sums.get(key) ?? 0) + value);
  return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Hosts of one merged edge that are told; the rest are counted in its rate alone. */
const mostHosts = 50;

function hostsOf(edges: readonly MeasuredEdge[]): Pick<MeasuredEdge, "hosts"> {
  const hosts = added(edges.map((e) => e.hosts ?? { [e.service]: e.rate }));
  const most = Object.entries(hosts).sort(([, a], [, b]) => b - a);
  return { hosts: Object.fromEntries(most.slice(0, mostHosts)) };
}

function principalsOf(edges: readonly MeasuredEdge[]): Pick<MeasuredEdge, "principals"> {
  const all = (side: "source" | "target") =>
    [...new Set(edges.flatMap((e) => e.principals?.[side] ?? []))].sort().slice(0, mostHosts);
  const principals = { source: all("source"), target: all("target") };
  return principals.source.length + principals.target.length > 0 ? { principals } : {};
}
