/**
 * What the CLI asks the control plane, beside the console's contract. JSON under `/api/v1`; requests that change something carry
 * `Authorization: Bearer TOKEN`. Errors have the console contract's `ApiError` as body: 400 bad input, 401 no token, 403 not allowed from there, 404 not
 * found, 409 conflict, 504 when `wait` ended before the proxies had it.
 */
import type { AccessPolicy } from "./contract/access.ts";
import type { ConfigType } from "./contract/proxy-config.ts";

/** As istioctl shows them. */
export type SyncState = "SYNCED" | "STALE" | "NOT SENT" | "ERROR";

/** `GET /api/v1/proxies`: `{ "items": ProxySummary[] }`. */
export interface ProxySummary {
  /** `reviews-v1-0.default`. */
  readonly id: string;
  readonly namespace: string;
  readonly pod: string;
  readonly workload: string;
  readonly kind: "sidecar" | "router";
  readonly kubeCluster: string;
  readonly address: string;
  readonly connected: boolean;
  readonly envoyVersion?: string;
  /** Always all of CDS, LDS, EDS, RDS, SRDS, SDS. */
  readonly types: Readonly<
    Record<
      string,
      {
        readonly state: SyncState;
        readonly sent: number;
        readonly acked: number;
        readonly error?: string;
        readonly origins?: readonly string[];
      }
    >
  >;
  readonly lastAckAt?: number;
  readonly certificateExpiresAt?: number;
}

/** Parts of a proxy's configuration. */
export const configTypes = [
  "cluster",
  "listener",
  "route",
  "endpoint",
  "secret",
  "ecds",
  "bootstrap",
  "scope",
] as const satisfies readonly ConfigType[];

/**
 * `GET /api/v1/logs/{pod}[.{namespace}]?container=application|proxy&follow&tail=N`: text/plain, lines as the process wrote them, oldest first.
 * `container` is `application` by default, `tail` all that is kept. With `follow` the answer ends when the client goes or the pod does.
 */
export type LogContainer = "application" | "proxy";

/**
 * `GET /api/v1/policy/check?from=&to=[&method=&path=][&namespace=][&header=NAME:VALUE]...[&claims=JSON]`: which rule of the target's authorization decides
 * about a request, by the configuration that its proxy was sent. Without `method` a connection is asked for. 404 for a name that nobody has.
 */
export interface PolicyCheck {
  readonly allowed: boolean;
  /**
   * `nothing`: no policy is there. `denied`, `allowed`: by `policy`. `not-denied`: there are policies that deny, and none matched. `no-match`: there are
   * policies that allow, and none matched. `plaintext`: only mutual TLS is taken there, and the caller has no certificate.
   */
  readonly how: "nothing" | "denied" | "allowed" | "not-denied" | "no-match" | "plaintext";
  readonly policy?: AccessPolicy;
  /** SPIFFE ID of the caller; absent for somebody without a certificate. */
  readonly identity?: string;
  readonly to: { readonly namespace: string; readonly workload: string; readonly port: number };
  /** What the port speaks: HTTP's fields mean nothing to TCP. */
  readonly protocol: "http" | "tcp";
  /** Filters that ask somebody else first. */
  readonly asked: readonly string[];
  /** Rules that did not match, and why. */
  readonly others: readonly {
    readonly id: string;
    readonly action: "ALLOW" | "DENY";
    readonly why: string;
    readonly policy?: AccessPolicy;
  }[];
  /** What policies in a dry run would do. */
  readonly dryRun: readonly {
    readonly action: "ALLOW" | "DENY";
    readonly denied: boolean;
    readonly policy?: AccessPolicy;
  }[];
  /** Where that plaintext is refused was written. */
  readonly origins: readonly string[];
}

/** `GET /api/v1/version`. */
export interface VersionAnswer {
  readonly version: string;
  readonly envoyVersion: string;
  readonly proxies: readonly { readonly id: string; readonly envoyVersion: string }[];
}

/** `POST /api/v1/shutdown`: 202, then the mesh stops. */
export interface ShutdownAnswer {
  readonly stopping: true;
}
