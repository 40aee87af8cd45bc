// Made by scripts/refresh-crds.mjs from data/install/weft.dev.yaml (Apache-2.0), weft.dev/v1; do not edit.
/** Who answers for a host when it cannot. */
export interface FallbackSpec {
  /** Name of the service, as in a VirtualService's destination. */
  readonly host: string;
  /** A subset of a DestinationRule. Without it the whole host, and each of its subsets. */
  readonly subset?: string;
  /** Namespaces whose clients it is for: '.', '*' or names. All unless set. */
  readonly exportTo?: readonly string[];
  /** Who is asked instead, in this order. */
  readonly destinations?: readonly FallbackDestination[];
  /** Whose answers of 500, 502, 503 and 504 count as a failure too: those to requests that may safely be sent twice (GET, HEAD, OPTIONS, PUT, DELETE), or to all. None unless set. */
  readonly onServerError?: "Idempotent" | "Always";
  /** What is answered when nobody could, in place of the proxy's own 502, 503 or 504. */
  readonly response?: FallbackResponse;
}

export interface FallbackDestination {
  /** Name of the service, as in a VirtualService's destination. */
  readonly host: string;
  /** A subset of a DestinationRule. Without it the whole host, and each of its subsets. */
  readonly subset?: string;
  /** The service's only port, or that which was called, unless set. */
  readonly port?: FallbackDestinationPort;
}

/** The service's only port, or that which was called, unless set. */
export interface FallbackDestinationPort {
  readonly number: number;
}

/** What is answered when nobody could, in place of the proxy's own 502, 503 or 504. */
export interface FallbackResponse {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
