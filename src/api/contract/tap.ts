import type { AccessPolicy } from "./access.ts";

/**
 * `GET /api/v1/tap[?namespace=NS][&workload=NAME][&method=M][&path=GLOB][&host=GLOB][&status=5xx][&header=NAME=GLOB][&from=NAME][&verdict=denied][&limit=100]`:
 * requests as they end, told by the proxies of the workloads that are called, as server-sent events: `data:` is one `TapEvent` as JSON.
 */
export type TapEvent =
  | { readonly kind: "request"; readonly request: TapRequest }
  | { readonly kind: "state"; readonly state: TapState };

/** How much of the traffic is shown; told at the beginning and where it changes. */
export interface TapState {
  /** Proxies that are connected here and tell of their requests. */
  readonly proxies: number;
  /** Share of the requests that are told, from 0 to 1: it falls where there are more than fit. */
  readonly share: number;
  /** Requests that were told and are not shown, because there were too many. */
  readonly skipped: number;
}

/** One request or connection that has ended. Secrets are taken out: values of the query and of headers are never told. */
export interface TapRequest {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly source: { readonly identity?: string; readonly address?: string; readonly workload?: string };
  readonly destination: {
    readonly namespace: string;
    readonly workload: string;
    readonly app?: string;
    readonly pod: string;
  };
  readonly port: number;
  readonly protocol: "http" | "grpc" | "tcp";
  readonly mtls: boolean;
  readonly verdict: "allowed" | "denied" | "would-deny" | "unauthenticated" | "unmatched";
  /** The rule that decided. */
  readonly policy?: AccessPolicy;
  readonly method?: string;
  readonly host?: string;
  readonly path?: string;
  /** Names of the query's parameters. */
  readonly query?: readonly string[];
  readonly version?: string;
  readonly code?: number;
  readonly grpcStatus?: number;
  readonly durationMs?: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Envoy's response flags: `UF`. */
  readonly flags: readonly string[];
  readonly details?: string;
  readonly failure?: string;
  readonly requestId?: string;
  readonly userAgent?: string;
  /** Host of the service that a gateway sent it to. */
  readonly upstream?: string;
}
