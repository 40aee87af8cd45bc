import type { Health } from "./health.ts";

/** `GET /api/v1/graph?namespaces=default,shop&window=60` (seconds back from `at`, `at` optional: now). */
export interface Graph {
  readonly at: number;
  readonly window: number;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface GraphNode {
  /** `workload/default/reviews-v1`, `service/default/reviews.default.svc.cluster.local`, `external/api.example.com`, `unknown`. */
  readonly id: string;
  readonly type: "workload" | "gateway" | "service" | "external" | "unknown";
  readonly namespace: string;
  readonly name: string;
  readonly app: string;
  readonly version: string;
  readonly health: Health;
  /** False where no proxy of ours stands beside it. */
  readonly inMesh: boolean;
}

export interface GraphEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly protocol: "http" | "grpc" | "tcp";
  /** The service that was asked for, e.g. `reviews.default.svc.cluster.local`. */
  readonly service: string;
  /** Requests a second (HTTP, gRPC), new connections a second (TCP). */
  readonly rate: number;
  /** Share of requests that failed: 5xx, gRPC errors, no answer. */
  readonly errorShare: number;
  readonly p50?: number;
  readonly p95?: number;
  readonly p99?: number;
  readonly bytesSentRate?: number;
  readonly bytesReceivedRate?: number;
  /** TCP connections that are open now; an edge may have them without any new ones. Their bytes count when they close. */
  readonly open?: number;
  /** Share of the traffic that went through mutual TLS. */
  readonly mtlsShare: number;
  /** Requests a second by response code, `"0"` for no answer. */
  readonly codes: Readonly<Record<string, number>>;
  /** Requests a second by Envoy's response flags, without `-`. */
  readonly flags: Readonly<Record<string, number>>;
}
