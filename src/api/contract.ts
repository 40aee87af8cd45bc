/**
 * The console's contract: everything under `/api/v1`, JSON. The console imports this file and nothing else of `src/`.
 * Times are milliseconds since the epoch, rates are per second, latencies milliseconds, shares are 0 to 1.
 */
export type Health = "healthy" | "degraded" | "failing" | "unknown";

/** `GET /api/v1/mesh`. */
export interface Mesh {
  readonly name: string;
  readonly version: string;
  readonly envoyVersion: string;
  readonly trustDomain: string;
  readonly health: Health;
  /** One sentence that says why: `5 of 7 proxies in sync; waiting for reviews-v2-0`. */
  readonly sentence: string;
  readonly proxies: { readonly total: number; readonly synced: number };
  readonly diagnostics: { readonly errors: number; readonly warnings: number; readonly infos: number };
  readonly namespaces: readonly string[];
  /** Addresses of gateways on this machine: `http://localhost:8080`. */
  readonly doors: readonly string[];
  readonly startedAt: number;
}

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

/** `GET /api/v1/workloads`. */
export interface Workload {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly app: string;
  readonly version: string;
  readonly kind: "sidecar" | "gateway" | "none";
  readonly serviceAccount: string;
  readonly health: Health;
  readonly sentence: string;
  readonly replicas: { readonly desired: number; readonly ready: number };
  readonly inbound: TrafficSummary;
  readonly outbound: TrafficSummary;
  readonly proxies: readonly ProxyState[];
}

export interface TrafficSummary {
  readonly rate: number;
  readonly errorShare: number;
  readonly p95?: number;
}

export interface ProxyState {
  /** Pod name with namespace: `reviews-v1-0.default`. */
  readonly id: string;
  readonly address: string;
  readonly sync: "synced" | "stale" | "refused" | "disconnected";
  /** Type (CDS, LDS, EDS, RDS, SRDS, SDS) → its state. */
  readonly types: Readonly<
    Record<
      string,
      { readonly sent: number; readonly acked: number; readonly error?: string; readonly origins?: readonly string[] }
    >
  >;
  readonly lastAckAt?: number;
  readonly certificateExpiresAt?: number;
  readonly envoyVersion?: string;
  readonly restarts: number;
  readonly application: "running" | "starting" | "crashed" | "none";
}

/** `GET /api/v1/config`: every object that the mesh reads. */
export interface ConfigObject {
  readonly type: string;
  readonly kind: string;
  readonly apiVersion: string;
  readonly namespace: string;
  readonly name: string;
  /** `reviews.yaml:14:1`. */
  readonly at: string;
  readonly diagnostics: readonly Finding[];
  /** Proxies that hold resources made of it. */
  readonly proxies: { readonly total: number; readonly acked: number };
}

/** `GET /api/v1/config/{type}/{namespace}/{name}` (namespace `-` for none): the object with its YAML. */
export interface ConfigDetail extends ConfigObject {
  readonly yaml: string;
}

/** `GET /api/v1/diagnostics`. */
export interface Finding {
  readonly code: string;
  readonly level: "Error" | "Warning" | "Info";
  /** `VirtualService default/reviews`, or a file's name. */
  readonly origin: string;
  /** `reviews.yaml:14:7`. */
  readonly at: string;
  /** `spec.http[0].timeout`. */
  readonly field?: string;
  readonly message: string;
  readonly fix?: string;
}

/** `GET /api/v1/problems`: the worst things now, worst first; at most ten. */
export interface Problem {
  readonly health: Health;
  /** `reviews-v2 answers 503 to productpage since 14:03`. */
  readonly sentence: string;
  readonly since?: number;
  /** Path in the console that shows it. */
  readonly link: string;
}

/**
 * `GET /api/v1/series?node=ID | edge=ID&metric=rate|errors|p50|p95|p99|bytes&from=&to=&step=` (step in seconds). Units: `requests/s`, `connections/s`,
 * `share`, `ms`, `bytes/s`. A null is a time that nobody looked at, or of which there is nothing to say (a latency without requests).
 */
export interface Series {
  readonly name: string;
  readonly unit: string;
  readonly points: readonly (readonly [time: number, value: number | null])[];
}

/** `GET /api/v1/access[?namespace=NS][&workload=NAME]` (of what was called): what proxies told of single requests and connections. */
export interface Access {
  /** The control plane's time, for `since`, `first` and `last`. */
  readonly now: number;
  /** Since when this control plane is told. */
  readonly since: number;
  /** What could not be kept or read. */
  readonly dropped: { readonly records: number; readonly messages: number };
  /** The latest first. */
  readonly entries: readonly AccessItem[];
}

/** Requests or connections that are alike. */
export interface AccessItem {
  /** `call` went through; `denied`: a policy refused it; `dry-run`: one in a dry run would have; `plaintext`: without mutual TLS; `unmatched`: so, where that is refused. */
  readonly what: "call" | "denied" | "dry-run" | "plaintext" | "unmatched";
  /** SPIFFE ID of a verified certificate, or the address and the workload that had it. */
  readonly source: { readonly identity?: string; readonly address?: string; readonly workload?: string };
  readonly destination: {
    readonly namespace: string;
    readonly workload: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly port: number;
  readonly protocol: "http" | "tcp";
  readonly method?: string;
  /** A path, or the template of several: `/reviews/{*}`. */
  readonly path?: string;
  readonly code?: number;
  /** Who refused; absent for a denial because no policy that allows matched. */
  readonly policy?: AccessPolicy;
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

/** A rule of an AuthorizationPolicy. */
export interface AccessPolicy {
  readonly namespace: string;
  readonly name: string;
  readonly rule: number;
  /** `policies.yaml:14:3`; absent where the object is gone. */
  readonly at?: string;
}

/** `GET /api/v1/events` (text/event-stream): says what to ask for again. */
export interface ChangeEvent {
  readonly topic: "graph" | "workloads" | "config" | "mesh";
  readonly at: number;
}

/** Body of every answer that is not 2xx. */
export interface ApiError {
  readonly error: string;
  readonly fix?: string;
}
