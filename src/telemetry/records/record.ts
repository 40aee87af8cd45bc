/** What one proxy told of one request or connection that came to its workload. */
export interface AccessRecord {
  /** Milliseconds since the epoch, by this machine's clock. */
  readonly at: number;
  /** SPIFFE ID of the caller's verified certificate; absent where it showed none. */
  readonly identity?: string;
  /** The caller's address without a port. */
  readonly address: string;
  /** Port that was called, at the workload. */
  readonly port: number;
  readonly protocol: "http" | "tcp";
  readonly method?: string;
  /** Without its query, as policies saw it. */
  readonly path?: string;
  readonly host?: string;
  /** HTTP's; 0 for no answer yet. */
  readonly code?: number;
  /** Over TLS at all; an `identity` says that it was mutual. */
  readonly tls: boolean;
  /** `lasting`: of one that was told before. `unmatched`: a connection of a kind that the port does not take. */
  readonly kind: "begun" | "lasting" | "ended" | "unmatched";
  /** A policy refused it. `id` is empty where no policy that allows matched. */
  readonly denied?: { readonly id: string };
  /** A policy in a dry run would have refused it. */
  readonly wouldDeny?: { readonly id: string };
  /** The proxy refused it for its token. */
  readonly badToken?: true;
  /** Somebody learns: all requests are told. */
  readonly learned?: true;
  /** Ids of those who watch and wanted it. */
  readonly watched?: readonly string[];
  readonly more: RecordDetails;
}

/** What only those who look at a single request ask for. Times in milliseconds, sizes in bytes. */
export interface RecordDetails {
  /** Since the epoch, by the proxy's clock. */
  readonly startedAt?: number;
  readonly durationMs?: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** `HTTP/1.1`, `HTTP/2`; absent for connections. */
  readonly version?: string;
  /** A call of gRPC, and what its trailers say. */
  readonly grpc?: { readonly status?: number };
  /** Names of the query's parameters; their values may be secrets. */
  readonly query?: readonly string[];
  /** Envoy's response flags: `UF`. */
  readonly flags: readonly string[];
  /** Envoy's words for how the answer came to be: `via_upstream`. */
  readonly details?: string;
  /** Why nobody could be reached. */
  readonly failure?: string;
  readonly requestId?: string;
  readonly userAgent?: string;
  /** Where a gateway sent it: Envoy's cluster. */
  readonly upstream?: string;
}
