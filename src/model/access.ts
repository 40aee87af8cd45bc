/** What proxies told of requests and connections, put together: everything alike is one entry. Times are milliseconds since the epoch. */
export interface AccessReport {
  /** When the first proxy told anything here, or this control plane began. */
  readonly since: number;
  readonly entries: readonly AccessEntry[];
  /** What is in no entry: there was no room for it, or it came faster than it is read. */
  readonly dropped: { readonly records: number; readonly messages: number };
}

export interface AccessEntry {
  /**
   * `call`: a request or connection that went through (told of HTTP where somebody learns; of TCP always, when it ends and once a minute). `denied`: a policy refused it; `dry-run`:
   * one in a dry run would have. `plaintext`: it came without the mesh's mTLS. `unmatched`: so did this, where only mTLS may come.
   */
  readonly what: "call" | "denied" | "dry-run" | "plaintext" | "unmatched";
  readonly source: AccessSource;
  readonly destination: AccessDestination;
  /** At the workload. */
  readonly port: number;
  readonly protocol: "http" | "tcp";
  readonly method?: string;
  /** A path, or the template of several (`/reviews/{*}`). */
  readonly path?: string;
  readonly code?: number;
  /** Id of the rule that decided, as it stands in access logs (`ns[default]-policy[ratings]-rule[0]`); empty where none that allows matched. */
  readonly policy?: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

/** A caller: by its verified certificate, else by its address and the workload that had it. */
export interface AccessSource {
  /** SPIFFE ID. */
  readonly identity?: string;
  readonly address?: string;
  /** `NAMESPACE/WORKLOAD` of the Pod with that address. */
  readonly workload?: string;
}

export interface AccessDestination {
  readonly namespace: string;
  readonly workload: string;
  /** By which a policy can choose it: its label `app`, else all its labels that no single Pod has. */
  readonly labels: Readonly<Record<string, string>>;
}
