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
}
