import type { Health } from "./health.ts";
import type { HealthCounts, ObjectRef } from "./inventory.ts";
import type { TrafficSummary } from "./workloads.ts";

/** `GET /api/v1/overview?namespaces=default,shop&window=60`: what there is and how it is, in sums. No namespaces: all. */
export interface Overview {
  readonly at: number;
  readonly namespaces: HealthCounts;
  readonly applications: HealthCounts;
  readonly services: HealthCounts;
  readonly workloads: HealthCounts;
  readonly gateways: HealthCounts;
  /** Everything that workloads receive, and how much of it through mutual TLS. */
  readonly traffic: TrafficSummary & { readonly mtlsShare?: number; readonly tcpBytes: number };
  /** Objects that the mesh reads, and what was found about them. */
  readonly config: {
    readonly objects: number;
    readonly errors: number;
    readonly warnings: number;
    readonly infos: number;
  };
  readonly first: {
    readonly busiest: readonly ServiceRank[];
    readonly failing: readonly ServiceRank[];
    readonly slowest: readonly ServiceRank[];
  };
}

/** A service among the first five by one figure. */
export interface ServiceRank extends TrafficSummary {
  readonly namespace: string;
  readonly name: string;
  readonly health: Health;
}

/** `GET /api/v1/infrastructure`: what the mesh is made of. */
export interface Infrastructure {
  readonly controlPlane: {
    readonly version: string;
    /** The Envoy that it is made for. */
    readonly envoyVersion: string;
    readonly trustDomain: string;
    readonly startedAt: number;
    /** Resident memory in bytes, and the share of one core that it used since it started. */
    readonly usage?: { readonly memory: number; readonly cpu: number };
  };
  readonly settings: {
    readonly rootNamespace: string;
    /** What workloads take from callers where no object says otherwise. */
    readonly mtls: "strict" | "permissive" | "disabled";
    readonly autoMtls: boolean;
    readonly minTlsVersion: string;
    readonly outboundPolicy: string;
    readonly accessLogFile?: string;
    /** The object or file that says so; absent where all are defaults. */
    readonly at?: string;
  };
  /** Proxies by the version of their Envoy. */
  readonly envoys: readonly { readonly version: string; readonly proxies: number }[];
  /** By namespace: what of the data plane is there. */
  readonly dataPlanes: readonly {
    readonly namespace: string;
    readonly health: Health;
    readonly workloads: number;
    readonly proxies: number;
    readonly synced: number;
    readonly revision?: string;
  }[];
  readonly gateways: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly health: Health;
    readonly proxies: number;
  }[];
  /** Where what happens is kept and sent. */
  readonly telemetry: {
    readonly store: {
      readonly where: "file" | "memory";
      readonly bytes: number;
      readonly series: number;
      /** The first moments of which each look, and each minute, is kept. */
      readonly since?: { readonly fine?: number; readonly coarse?: number };
      readonly error?: string;
    };
    /** Where the console asks; `store`: its own. */
    readonly history: "store" | "external";
    readonly providers: readonly TelemetryProvider[];
  };
}

/** One of the mesh's extension providers. */
export interface TelemetryProvider {
  readonly name: string;
  /** `zipkin`, `opentelemetry`, `prometheus`, `envoyFileAccessLog`. */
  readonly kind: string;
  /** `zipkin.observability.svc.cluster.local:9411`. */
  readonly address?: string;
  readonly health: Health;
  readonly sentence: string;
  /** What it is by default used for: `metrics`, `tracing`, `accessLogging`. */
  readonly defaultFor: readonly string[];
  /** The Service that stands at its address. */
  readonly service?: ObjectRef;
}
