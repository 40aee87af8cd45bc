/**
 * What the CLI asks the control plane, beside the console's contract. JSON under `/api/v1`; requests that change something carry
 * `Authorization: Bearer TOKEN`. Errors have the console contract's `ApiError` as body: 400 bad input, 401 no token, 403 not allowed from there, 404 not
 * found, 409 conflict, 504 when `wait` ended before the proxies had it.
 */
import type { AccessPolicy } from "./contract/access.ts";

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

/** The last part of `GET /api/v1/proxies/{id}/config/{type}[?source=envoy]`. */
export const configTypes = [
  "cluster",
  "listener",
  "route",
  "endpoint",
  "secret",
  "ecds",
  "bootstrap",
  "scope",
] as const;
export type ConfigType = (typeof configTypes)[number];

/** What a proxy was sent, or (`source=envoy`) what its Envoy says it has. Private keys are replaced by `[redacted]`. */
export interface ProxyConfigDump {
  readonly proxy: string;
  readonly type: ConfigType;
  readonly source: "sent" | "envoy";
  readonly resources: readonly ConfigDumpResource[];
}

export interface ConfigDumpResource {
  readonly name: string;
  /** Empty where Envoy does not say. */
  readonly version: string;
  /** What it was made of: `reviews.yaml:14:1`. */
  readonly origins: readonly string[];
  /** Envoy's own words, when it refused this version. */
  readonly error?: string;
  /** The resource in protobuf's JSON form. */
  readonly resource: unknown;
}

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

/** `GET /api/v1/certificates[?live]`. With `live` each proxy's Envoy is asked what it has now. */
export interface CertificatesAnswer {
  readonly items: readonly CertificateSummary[];
  /** What is wrong with the authority, in a sentence; absent when all is well. */
  readonly trouble?: string;
  /** Proxies whose Envoy was asked and did not answer: `reviews-v1-0.default: timeout`. */
  readonly silent: readonly string[];
}

/** A certificate that somebody holds or trusts. */
export interface CertificateSummary {
  readonly kind: CertificateKind;
  /** Its SPIFFE ID, else its DNS names, else its subject. */
  readonly name: string;
  /** As OpenSSL writes it, on one line; empty where it has none. */
  readonly subject: string;
  /** Hexadecimal, lower case. */
  readonly serial: string;
  /** The issuer's subject; empty where it is not told. */
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Of a root: `next`, `active`, `retiring` or `trusted`. */
  readonly state?: string;
  /** Whether Weft replaces it in time by itself. */
  readonly renewed: boolean;
  /** `control plane`, proxies by id, `Secret istio-system/bookinfo`, a file. With `live`: proxies that have it now. */
  readonly holders: readonly string[];
}

export type CertificateKind = "root" | "intermediate" | "control plane" | "workload" | "gateway";

/** `POST /api/v1/certificates/reissue`: each workload has a new certificate. */
export interface ReissueAnswer {
  /** Certificates that were replaced: their serial numbers, which no proxy should hold any more. */
  readonly replaced: readonly string[];
}

/** `POST /api/v1/certificates/rotate[?now]` (the next root) and `POST /api/v1/certificates/recover` (a new one where the key is lost). */
export interface RootAnswer {
  readonly roots: readonly {
    readonly subject: string;
    readonly serial: string;
    readonly state: string;
    /** When a `next` one signs, when a `retiring` one is dropped: milliseconds since the epoch. */
    readonly until?: number;
  }[];
}

/** `POST /api/v1/shutdown`: 202, then the mesh stops. */
export interface ShutdownAnswer {
  readonly stopping: true;
}
