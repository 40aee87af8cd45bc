import type { AccessSource } from "./access.ts";

/** One request or connection as a proxy told it when it ended. Times in milliseconds, sizes in bytes. Secrets are taken out. */
export interface Observed {
  /** When it ended, since the epoch. */
  readonly at: number;
  readonly durationMs?: number;
  readonly source: AccessSource;
  /** The workload whose proxy told it, and its Pod. */
  readonly destination: {
    readonly namespace: string;
    readonly workload: string;
    readonly app?: string;
    readonly pod: string;
  };
  /** That was called, at the workload. */
  readonly port: number;
  readonly protocol: "http" | "grpc" | "tcp";
  /** Both sides showed a certificate. */
  readonly mtls: boolean;
  /** `unmatched`: a connection of a kind that the port does not take; `unauthenticated`: refused for its token. */
  readonly verdict: "allowed" | "denied" | "would-deny" | "unauthenticated" | "unmatched";
  /** Id of the rule that decided (`ns[default]-policy[ratings]-rule[0]`); absent where none that allows matched. */
  readonly policy?: string;
  readonly method?: string;
  readonly host?: string;
  readonly path?: string;
  /** Names of the query's parameters. */
  readonly query?: readonly string[];
  /** `HTTP/1.1`. */
  readonly version?: string;
  /** HTTP's; 0 where nothing was answered. */
  readonly code?: number;
  readonly grpcStatus?: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Envoy's response flags. */
  readonly flags: readonly string[];
  readonly details?: string;
  readonly failure?: string;
  readonly requestId?: string;
  readonly userAgent?: string;
  /** Where a gateway sent it: host of the service. */
  readonly upstream?: string;
}
