import type { Health } from "./health.ts";
import type { TrafficSummary } from "./workloads.ts";

/** How many of something are how. */
export type HealthCounts = Readonly<Record<Health, number>>;

/** An object of the configuration, and where it was written. */
export interface ObjectRef {
  readonly type: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** `reviews.yaml:14:1`. */
  readonly at: string;
}

/** `GET /api/v1/namespaces`. */
export interface NamespaceItem {
  readonly name: string;
  readonly health: Health;
  readonly sentence: string;
  readonly workloads: HealthCounts;
  readonly services: number;
  readonly applications: number;
  /** Workloads beside which a proxy stands. */
  readonly inMesh: number;
  /** What callers of it ask for: everything that its workloads receive. */
  readonly inbound: TrafficSummary;
  /** What its workloads take from callers; `mixed` where an object says otherwise for some of them. */
  readonly mtls: "strict" | "permissive" | "disabled" | "mixed";
  /** What its labels say of sidecars; absent where they say nothing, or where it has no object. */
  readonly injection?: "enabled" | "disabled";
  /** Revision of the control plane that its labels name. */
  readonly revision?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly findings: { readonly errors: number; readonly warnings: number };
}

/** `GET /api/v1/services`. */
export interface ServiceItem {
  readonly namespace: string;
  readonly name: string;
  /** `reviews.default.svc.cluster.local`. */
  readonly host: string;
  readonly health: Health;
  readonly sentence: string;
  readonly ports: readonly ServicePortItem[];
  /** Its virtual address; absent where it is headless. */
  readonly address?: string;
  /** Workloads that its selector takes, as nodes of the graph. */
  readonly workloads: readonly string[];
  /** Replicas of these that take requests. */
  readonly endpoints: { readonly ready: number; readonly total: number };
  readonly inbound: TrafficSummary;
  /** Objects that change what callers of it get: VirtualService, DestinationRule, HTTPRoute and the like. */
  readonly objects: readonly ObjectRef[];
  readonly at: string;
}

export interface ServicePortItem {
  readonly number: number;
  readonly name: string;
  readonly protocol: string;
  readonly target: string;
}

/** `GET /api/v1/applications`: workloads of a namespace with the same canonical name. */
export interface ApplicationItem {
  readonly namespace: string;
  readonly name: string;
  readonly health: Health;
  readonly sentence: string;
  readonly versions: readonly string[];
  readonly workloads: readonly string[];
  readonly inbound: TrafficSummary;
  readonly outbound: TrafficSummary;
}

/** `GET /api/v1/gateways`: proxies at the border, each with what it opens to whom. */
export interface GatewayItem {
  readonly namespace: string;
  readonly name: string;
  readonly health: Health;
  readonly sentence: string;
  readonly proxies: { readonly total: number; readonly connected: number };
  readonly inbound: TrafficSummary;
  readonly servers: readonly GatewayServer[];
}

/** One port of one object for some hosts. */
export interface GatewayServer {
  readonly object: ObjectRef;
  readonly hosts: readonly string[];
  readonly port: number;
  readonly protocol: string;
  /** `SIMPLE`, `MUTUAL`, `PASSTHROUGH`, `Terminate`; absent without TLS. */
  readonly tls?: string;
  /** Secrets that it shows to callers. */
  readonly credentials: readonly string[];
  /** When the first certificate of these ends. */
  readonly expiresAt?: number;
  /** Routes that are bound to it. */
  readonly routes: readonly ObjectRef[];
}

/** `GET /api/v1/externals`: hosts outside of the mesh that somebody calls, or that a ServiceEntry names. */
export interface ExternalItem {
  readonly host: string;
  readonly health: Health;
  readonly sentence: string;
  /** The ServiceEntry that names it; absent where it is only called. */
  readonly entry?: ObjectRef;
  readonly outbound: TrafficSummary;
  /** Bytes a second to it and from it. */
  readonly bytes: { readonly sent: number; readonly received: number };
  /** Who calls it, as nodes of the graph. */
  readonly callers: readonly string[];
}
