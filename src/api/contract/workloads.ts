import type { Health } from "./health.ts";

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
  /** When what it shall have changed last. In sync, the time from then to `lastAckAt` is what that took. */
  readonly changedAt?: number;
  readonly certificateExpiresAt?: number;
  readonly envoyVersion?: string;
  readonly restarts: number;
  readonly application: "running" | "starting" | "crashed" | "none";
}
