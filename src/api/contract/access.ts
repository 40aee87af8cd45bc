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
