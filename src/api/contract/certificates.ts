/** `GET /api/v1/certificates[?live]`. With `live` each proxy's Envoy is asked what it has now. */
export interface CertificatesAnswer {
  readonly items: readonly CertificateSummary[];
  /** What is wrong with the authority, in a sentence; absent when all is well. */
  readonly trouble?: string;
  /** Proxies whose Envoy was asked and did not answer: `reviews-v1-0.default: timeout`. */
  readonly silent: readonly string[];
  /** Workloads whose certificate was to be renewed and was not: SPIFFE ID, when that was tried last (milliseconds since the epoch), why. */
  readonly failed?: readonly { readonly identity: string; readonly at: number; readonly error: string }[];
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
