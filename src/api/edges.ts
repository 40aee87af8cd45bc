import type { Buckets, Labels } from "../model/sample.ts";
import { atOnce, inTurns } from "../std/turns.ts";
import { addBuckets, quantile } from "../store/histogram.ts";
import type { Step, Total } from "../store/store.ts";
import { believed, flagsOf, neverArrived } from "./believed.ts";
import type { GraphEdge } from "./contract/graph.ts";
import { type Ends, endsOf } from "./ends.ts";

/** The metrics that edges are made of. */
export const edgeMetrics: readonly string[] = [
  "istio_requests_total",
  "istio_request_duration_milliseconds",
  "istio_request_bytes",
  "istio_response_bytes",
  "istio_request_messages_total",
  "istio_response_messages_total",
  "istio_tcp_sent_bytes_total",
  "istio_tcp_received_bytes_total",
  "istio_tcp_connections_opened_total",
  "istio_tcp_connections_closed_total",
];

/** An edge with what its rates were made of. */
export interface MeasuredEdge extends GraphEdge {
  /** Requests (or new connections) counted in the window. */
  readonly count: number;
  readonly errors: number;
  /** TCP connections opened less those closed in the window. */
  readonly opened: number;
  readonly latency?: Buckets;
  /** Ends of this edge that reported: a proxy of ours stands there. */
  readonly reporters: ReadonlySet<string>;
  /** What both ends call themselves, where a report says it. */
  readonly apps?: { readonly source?: AppOf; readonly target?: AppOf };
  /** How a host outside of every service was reached: `PassthroughCluster`. */
  readonly via?: string;
  /** `request_operation`, where operations are told apart and the report says it. */
  readonly operation?: string;
}

/** A workload's canonical service and revision. */
export interface AppOf {
  readonly app: string;
  readonly version: string;
}

interface Gathered {
  readonly ends: Ends;
  readonly operation: string | undefined;
  readonly source: Total[];
  readonly destination: Total[];
}

/**
 * The mesh's edges in a window. What both ends saw is taken from the server's report, what never reached a server from the client's, and so is
 * everything where the server has no proxy, or one that counts nothing.
 */
export function edgesOf(step: Pick<Step, "covered" | "totals">, options: EdgeOptions = {}): MeasuredEdge[] {
  return atOnce(measuring(step, options));
}

/** The same in slices: of a large mesh this takes long. */
export function edgesInTurns(
  step: Pick<Step, "covered" | "totals">,
  options: EdgeOptions = {},
): Promise<MeasuredEdge[]> {
  return inTurns(measuring(step, options));
}

interface EdgeOptions {
  readonly operations?: boolean;
}

function* measuring(
  step: Pick<Step, "covered" | "totals">,
  { operations = false }: EdgeOptions,
): Generator<undefined, MeasuredEdge[]> {
  const groups = new Map<string, Gathered>();
  const told = new Set<string>();
  for (const { labels } of step.totals) {
    if (labels["reporter"] === "source") for (const key of clientKeys(labels)) told.add(key);
    yield;
  }
  for (const total of step.totals) {
    yield;
    const ends = endsOf(total.labels);
    if (total.labels["reporter"] === "destination" && toldByClient(total.labels, told)) continue;
    const operation = operations ? said(total.labels, "request_operation") : undefined;
    const id = operation === undefined ? edgeId(ends) : `${edgeId(ends)}>${operation}`;
    const group = groups.get(id) ?? { ends, operation, source: [], destination: [] };
    groups.set(id, group);
    (total.labels["reporter"] === "destination" ? group.destination : group.source).push(total);
  }
  const seconds = step.covered / 1000;
  const edges: MeasuredEdge[] = [];
  for (const [id, group] of groups) {
    edges.push(measure(id, group, seconds));
    yield;
  }
  return edges.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * Under which keys a server that knows its client only vaguely would have counted what this client reports. A server knows a TCP client by its
 * ServiceAccount alone, and the namespace of a plaintext client not at all: then the client's own report is the better one, and the only one taken.
 */
function clientKeys(labels: Labels): string[] {
  return [`tcp ${far(labels)} ${labels["source_principal"]}`, `http ${far(labels)} ${labels["source_workload"]}`];
}

/** Whether this is a server's vague report of what a client reports itself. */
function toldByClient(labels: Labels, told: ReadonlySet<string>): boolean {
  if (labels["request_protocol"] === "tcp") return told.has(`tcp ${far(labels)} ${labels["source_principal"]}`);
  const vague =
    (labels["source_workload"] ?? "unknown") !== "unknown" &&
    (labels["source_workload_namespace"] ?? "unknown") === "unknown";
  return vague && told.has(`http ${far(labels)} ${labels["source_workload"]}`);
}

function far(labels: Labels): string {
  return `${labels["destination_workload_namespace"]}/${labels["destination_workload"]} ${labels["destination_service"]}`;
}

/** An edge's id, from its ends. */
function edgeId(ends: Ends): string {
  return [ends.source, ends.target, ends.protocol, ends.service].join(">");
}

function measure(id: string, group: Gathered, seconds: number): MeasuredEdge {
  const counted = believed(group);
  const requests = counted.filter((t) => t.name === "istio_requests_total");
  const opened = counted.filter((t) => t.name === "istio_tcp_connections_opened_total");
  const count = sum(group.ends.protocol === "tcp" ? opened : requests);
  const errors = sum(requests.filter((t) => failed(t.labels)));
  const latency = merged(counted, "istio_request_duration_milliseconds");
  const perSecond = (n: number) => (seconds > 0 ? n / seconds : 0);
  return {
    id,
    source: group.ends.source,
    target: group.ends.target,
    service: group.ends.service,
    protocol: group.ends.protocol,
    rate: perSecond(count),
    errorShare: count > 0 ? Math.min(1, errors / count) : 0,
    ...latencies(latency),
    ...bytes(counted, perSecond),
    ...messages(counted, perSecond),
    mtlsShare: mtlsShare(group.ends.protocol === "tcp" ? tcpSecurity(counted) : requests),
    codes: shares(requests, (labels) => [labels["response_code"] ?? "0"], perSecond),
    flags: shares([...requests, ...opened], (labels) => flagsOf(labels), perSecond),
    count,
    errors,
    opened: sum(opened) - sum(counted.filter((t) => t.name === "istio_tcp_connections_closed_total")),
    ...(latency ? { latency } : {}),
    reporters: reportersOf(group),
    ...shown(group, [...group.source, ...group.destination]),
    ...(group.ends.via === undefined ? {} : { via: group.ends.via }),
    ...(group.operation === undefined ? {} : { operation: group.operation }),
  };
}

/** What both ends call themselves, and the identities that they showed. */
function shown({ ends }: Gathered, totals: readonly Total[]): Pick<MeasuredEdge, "apps" | "principals"> {
  const first = (name: string) => totals.map((t) => said(t.labels, name)).find((value) => value !== undefined);
  const appOf = (side: "source" | "destination"): AppOf | undefined => {
    const app = first(`${side}_canonical_service`) ?? first(`${side}_app`);
    const version = first(`${side}_canonical_revision`) ?? first(`${side}_version`) ?? "";
    return app === undefined ? undefined : { app, version: version === "latest" ? "" : version };
  };
  const all = (name: string) => [...new Set(totals.flatMap((t) => said(t.labels, name) ?? []))].sort();
  const [source, target] = [appOf("source"), ends.target.startsWith("workload/") ? appOf("destination") : undefined];
  const principals = { source: all("source_principal"), target: all("destination_principal") };
  return {
    ...(source || target ? { apps: { ...(source ? { source } : {}), ...(target ? { target } : {}) } } : {}),
    ...(principals.source.length + principals.target.length > 0 ? { principals } : {}),
  };
}

function said(labels: Labels, name: string): string | undefined {
  const value = labels[name];
  return value === undefined || value === "" || value === "unknown" ? undefined : value;
}

/** 5xx, no answer at all, or a gRPC status that is not OK. */
function failed(labels: Labels): boolean {
  const code = Number(labels["response_code"] ?? 0);
  if (code >= 500 || code === 0) return true;
  const grpc = labels["grpc_response_status"];
  return labels["request_protocol"] === "grpc" && grpc !== undefined && /^[1-9][0-9]*$/.test(grpc);
}

/** Average and percentiles of a latency, in milliseconds. */
export function latencies(latency: Buckets | undefined): Pick<GraphEdge, "avg" | "p50" | "p95" | "p99"> {
  if (latency === undefined) return {};
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => quantile(q, latency));
  const avg = latency.sum / latency.counts.reduce((n, count) => n + count, 0);
  return p50 === undefined || p95 === undefined || p99 === undefined ? {} : { avg, p50, p95, p99 };
}

function messages(totals: readonly Total[], perSecond: (n: number) => number) {
  const of = (name: string) => {
    const found = totals.filter((t) => t.name === name);
    return found.length === 0 ? undefined : perSecond(sum(found));
  };
  const [sent, received] = [of("istio_request_messages_total"), of("istio_response_messages_total")];
  return {
    ...(sent === undefined ? {} : { messagesSentRate: sent }),
    ...(received === undefined ? {} : { messagesReceivedRate: received }),
  };
}

function bytes(totals: readonly Total[], perSecond: (n: number) => number) {
  const of = (tcp: string, http: string) => {
    const found = totals.filter((t) => t.name === tcp || t.name === http);
    return found.length === 0
      ? undefined
      : perSecond(found.reduce((n, t) => n + (t.buckets ? t.buckets.sum : t.value), 0));
  };
  const sent = of("istio_tcp_sent_bytes_total", "istio_response_bytes");
  const received = of("istio_tcp_received_bytes_total", "istio_request_bytes");
  return {
    ...(sent === undefined ? {} : { bytesSentRate: sent }),
    ...(received === undefined ? {} : { bytesReceivedRate: received }),
  };
}

/** Connections opened say it best; of older ones only their closing or their bytes are seen. */
function tcpSecurity(totals: readonly Total[]): readonly Total[] {
  const opened = totals.filter((t) => t.name === "istio_tcp_connections_opened_total");
  return opened.length > 0 ? opened : totals;
}

/** The server's word decides; a client's `unknown` is read from the principals of both ends, which only mutual TLS can show. What never left says nothing; where nothing left, nothing went in the clear. */
function mtlsShare(totals: readonly Total[]): number {
  let all = 0;
  let mutual = 0;
  for (const { labels, value } of totals) {
    if (flagsOf(labels).some((flag) => neverArrived.has(flag))) continue;
    all += value;
    const policy = labels["connection_security_policy"];
    const shown = (name: string) => (labels[name] ?? "unknown").startsWith("spiffe://");
    const both = shown("source_principal") && shown("destination_principal");
    if (policy === "mutual_tls" || (policy !== "none" && both)) mutual += value;
  }
  return all > 0 ? mutual / all : 1;
}

function shares(
  totals: readonly Total[],
  keys: (labels: Labels) => string[],
  perSecond: (n: number) => number,
): Record<string, number> {
  const counts = new Map<string, number>();
  for (const total of totals) {
    for (const key of keys(total.labels)) counts.set(key, (counts.get(key) ?? 0) + total.value);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, n]) => [key, perSecond(n)]));
}

function merged(totals: readonly Total[], name: string): Buckets | undefined {
  let all: Buckets | undefined;
  for (const total of totals) {
    if (total.name === name && total.buckets) all = all ? addBuckets(all, total.buckets) : total.buckets;
  }
  return all;
}

function sum(totals: readonly Total[]): number {
  return totals.reduce((n, t) => n + t.value, 0);
}

function reportersOf(group: Gathered): ReadonlySet<string> {
  const found = new Set<string>();
  if (group.source.length > 0) found.add(group.ends.source);
  if (group.destination.length > 0) found.add(group.ends.target);
  return found;
}
