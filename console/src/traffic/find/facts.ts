import type { Graph, GraphEdge, GraphNode } from "../../../../src/api/contract/graph.ts";
import { flows } from "../strength.ts";
import { ranksOf } from "./rank.ts";

/** What expressions can ask of a node. A rate is absent where nothing of its kind flows. */
export interface NodeFacts {
  readonly id: string;
  readonly type: "app" | "operation" | "service" | "workload" | "unknown" | "namespace";
  readonly app?: string | undefined;
  readonly version?: string | undefined;
  readonly cluster?: string | undefined;
  readonly namespace: string;
  readonly service?: string | undefined;
  readonly operation?: string | undefined;
  readonly workloads: readonly string[];
  readonly names: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly traits: ReadonlySet<string>;
  readonly httpIn?: number | undefined;
  readonly httpOut?: number | undefined;
  readonly grpcIn?: number | undefined;
  readonly grpcOut?: number | undefined;
  readonly tcpIn?: number | undefined;
  readonly tcpOut?: number | undefined;
  readonly rank: number;
  /** Absent where nothing is known of it. */
  readonly healthy?: boolean | undefined;
  readonly idle: boolean;
  readonly outside: boolean;
  readonly inMesh: boolean;
  readonly root: boolean;
  readonly dead: boolean;
  readonly gateway: boolean;
  readonly external: boolean;
}

/** What expressions can ask of an edge. A figure is absent where nothing of its kind flows. */
export interface EdgeFacts {
  readonly id: string;
  readonly protocol: GraphEdge["protocol"];
  readonly sourcePrincipals: readonly string[];
  readonly targetPrincipals: readonly string[];
  readonly http?: number | undefined;
  readonly httpErrors?: number | undefined;
  readonly httpTraffic?: number | undefined;
  readonly grpc?: number | undefined;
  readonly grpcErrors?: number | undefined;
  readonly grpcTraffic?: number | undefined;
  readonly responseTime?: number | undefined;
  readonly tcp?: number | undefined;
  readonly throughput?: number | undefined;
  readonly mtls: boolean;
  readonly traffic: boolean;
}

/** Which of several figures `responsetime` and `throughput` mean: what the labels show. */
export interface Meaning {
  readonly responseTime: "avg" | "p50" | "p95" | "p99";
  readonly throughput: "request" | "response";
}

export const usualMeaning: Meaning = { responseTime: "p95", throughput: "request" };

export interface Facts {
  readonly nodes: readonly NodeFacts[];
  readonly edges: readonly EdgeFacts[];
}

/** Reads a graph for expressions. */
export function factsOf(graph: Pick<Graph, "nodes" | "edges">, meaning: Meaning = usualMeaning): Facts {
  const inbound = Map.groupBy(graph.edges, (e) => e.target);
  const outbound = Map.groupBy(graph.edges, (e) => e.source);
  const ranks = ranksOf(graph);
  return {
    nodes: graph.nodes.map((n) =>
      nodeFacts(n, inbound.get(n.id) ?? [], outbound.get(n.id) ?? [], ranks.get(n.id) ?? 1),
    ),
    edges: graph.edges.map((e) => edgeFacts(e, outbound.get(e.source) ?? [], meaning)),
  };
}

function nodeFacts(
  node: GraphNode,
  inbound: readonly GraphEdge[],
  outbound: readonly GraphEdge[],
  rank: number,
): NodeFacts {
  const type = typeOf(node);
  const service = type === "service" ? node.name : undefined;
  const workloads =
    type === "unknown"
      ? ["unknown"]
      : type === "workload"
        ? [node.name]
        : type === "app"
          ? (node.workloads ?? []).map(last)
          : [];
  const app = type === "unknown" ? "unknown" : type === "service" || type === "namespace" ? undefined : node.app;
  const operation = node.type === "operation" ? node.name : undefined;
  const idle = ![...inbound, ...outbound].some(flows);
  return {
    id: node.id,
    type,
    app,
    version: node.version || undefined,
    cluster: node.cluster,
    namespace: type === "unknown" ? "unknown" : node.namespace,
    service,
    operation,
    workloads,
    names: [app, service, operation, ...workloads].filter((n) => n !== undefined),
    labels: node.labels ?? {},
    traits: new Set(node.traits ?? []),
    httpIn: rateOf(inbound, "http"),
    httpOut: rateOf(outbound, "http"),
    grpcIn: rateOf(inbound, "grpc"),
    grpcOut: rateOf(outbound, "grpc"),
    tcpIn: bytesOf(inbound),
    tcpOut: bytesOf(outbound),
    rank,
    healthy: node.health === "unknown" ? undefined : node.health === "healthy",
    idle,
    outside: node.outside ?? false,
    inMesh: node.inMesh,
    root: inbound.length === 0 && outbound.length > 0,
    dead:
      node.type === "service" && inbound.some(flows) && outbound.length === 0 && (node.workloads ?? []).length === 0,
    gateway: node.type === "gateway",
    external: node.type === "external",
  };
}

function typeOf(node: GraphNode): NodeFacts["type"] {
  if (node.type === "gateway") return node.id.startsWith("app/") ? "app" : "workload";
  return node.type === "external" ? "service" : node.type;
}

function last(id: string): string {
  return id.split("/").slice(2).join("/");
}

function rateOf(edges: readonly GraphEdge[], protocol: "http" | "grpc"): number | undefined {
  const sum = edges.filter((e) => e.protocol === protocol).reduce((n, e) => n + e.rate, 0);
  return sum > 0 ? sum : undefined;
}

function bytesOf(edges: readonly GraphEdge[]): number | undefined {
  const sum = edges.filter((e) => e.protocol === "tcp").reduce((n, e) => n + bothWays(e), 0);
  return sum > 0 ? sum : undefined;
}

function bothWays(edge: GraphEdge): number {
  return (edge.bytesSentRate ?? 0) + (edge.bytesReceivedRate ?? 0);
}

function edgeFacts(edge: GraphEdge, siblings: readonly GraphEdge[], meaning: Meaning): EdgeFacts {
  const { protocol, rate } = edge;
  const flowing = rate > 0;
  const percent = flowing ? edge.errorShare * 100 : undefined;
  const traffic = flowing
    ? (100 * rate) / (rateOf(siblings, protocol === "grpc" ? "grpc" : "http") ?? rate)
    : undefined;
  const throughput = meaning.throughput === "request" ? edge.bytesReceivedRate : edge.bytesSentRate;
  return {
    id: edge.id,
    protocol,
    sourcePrincipals: edge.principals?.source ?? [],
    targetPrincipals: edge.principals?.target ?? [],
    ...(protocol === "http" ? { http: flowing ? rate : undefined, httpErrors: percent, httpTraffic: traffic } : {}),
    ...(protocol === "grpc" ? { grpc: flowing ? rate : undefined, grpcErrors: percent, grpcTraffic: traffic } : {}),
    ...(protocol === "tcp" ? { tcp: bothWays(edge) || undefined } : { throughput: throughput || undefined }),
    responseTime: edge[meaning.responseTime],
    mtls: flows(edge) && edge.mtlsShare > 0,
    traffic: flows(edge),
  };
}
