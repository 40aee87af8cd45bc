import type { Health } from "./health.ts";

/** What the nodes are: workloads; apps of all their versions; apps, a node a version; services. */
export type GraphType = "workload" | "app" | "versioned" | "service";

/**
 * `GET /api/v1/graph?namespaces=default,shop&window=60` (seconds back from `at`, `at` optional: now). `type=app`: see GraphType. `services`: a node for
 * the service between caller and callee. `operations`: a node for each `request_operation` that the metrics tell. `noise`: with scrapes and probes.
 * A graph of more than `fold` nodes (600) shows namespaces in place of what is in them, but those that `expand=a,b` names.
 */
export interface Graph {
  readonly at: number;
  readonly window: number;
  readonly type?: GraphType;
  /** Edges that were left out because nothing flows there but scrapes and probes. */
  readonly noise?: number;
  /** Where namespaces stand for what is in them: how many nodes that were, and the namespaces that are shown as plates. */
  readonly folded?: { readonly nodes: number; readonly namespaces: readonly string[] };
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface GraphNode {
  /**
   * `workload/default/reviews-v1`, `service/default/reviews.default.svc.cluster.local`, `external/api.example.com`, `unknown`; `app/default/reviews` (of one
   * version: `app/default/reviews/v1`), `operation/default/reviews/GetReview`, `namespace/default`.
   */
  readonly id: string;
  readonly type: "workload" | "gateway" | "service" | "external" | "unknown" | "app" | "operation" | "namespace";
  readonly namespace: string;
  readonly name: string;
  readonly app: string;
  readonly version: string;
  readonly health: Health;
  /** False where no proxy of ours stands beside it. */
  readonly inMesh: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly cluster?: string;
  /** What configuration does to calls of it. */
  readonly traits?: readonly Trait[];
  /** Hosts that a gateway lets in. */
  readonly hostnames?: readonly string[];
  /** Ids of the workloads that it stands for, where it is none itself; a hundred at most. */
  readonly workloads?: readonly string[];
  /** How many nodes a namespace's plate stands for. */
  readonly members?: number;
  /** It lies outside of the namespaces that were asked for. */
  readonly outside?: boolean;
  /** The ServiceEntry that has this external host (`NAMESPACE/NAME`). */
  readonly serviceEntry?: string;
  /** How calls to an external host without a ServiceEntry fare: let through as they are, or refused (REGISTRY_ONLY). */
  readonly reach?: "passthrough" | "blocked";
}

/** `requestRouting`: a VirtualService (or Gateway API route) has routes for it; `trafficShifting`: more than one destination. */
export type Trait =
  | "circuitBreaker"
  | "faultInjection"
  | "mirroring"
  | "requestRouting"
  | "requestTimeout"
  | "serviceEntry"
  | "tcpTrafficShifting"
  | "trafficShifting"
  | "virtualService"
  | "workloadEntry";

export interface GraphEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly protocol: "http" | "grpc" | "tcp";
  /** The service that was asked for, e.g. `reviews.default.svc.cluster.local`; empty where the edge stands for several (see `hosts`). */
  readonly service: string;
  /** Requests a second (HTTP, gRPC), new connections a second (TCP). */
  readonly rate: number;
  /** Share of requests that failed: 5xx, gRPC errors, no answer. */
  readonly errorShare: number;
  /** Milliseconds, as the percentiles. */
  readonly avg?: number;
  readonly p50?: number;
  readonly p95?: number;
  readonly p99?: number;
  readonly bytesSentRate?: number;
  readonly bytesReceivedRate?: number;
  /** gRPC messages a second, from the client and from the server. */
  readonly messagesSentRate?: number;
  readonly messagesReceivedRate?: number;
  /** TCP connections that are open now; an edge may have them without any new ones. Their bytes count when they close. */
  readonly open?: number;
  /** Share of the traffic that went through mutual TLS. */
  readonly mtlsShare: number;
  /** Requests a second by response code, `"0"` for no answer. */
  readonly codes: Readonly<Record<string, number>>;
  /** Requests a second by Envoy's response flags, without `-`. */
  readonly flags: Readonly<Record<string, number>>;
  /** Requests (TCP: new connections) a second by the host that was asked for. */
  readonly hosts?: Readonly<Record<string, number>>;
  /** SPIFFE IDs that both ends showed. */
  readonly principals?: { readonly source: readonly string[]; readonly target: readonly string[] };
  /** Scrapes and probes alone. */
  readonly noise?: boolean;
}
