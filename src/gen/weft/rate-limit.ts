// Made by scripts/refresh-crds.mjs from data/install/weft.dev.yaml (Apache-2.0), weft.dev/v1; do not edit.
/** How many requests workloads and gateways take. */
export interface RateLimitSpec {
  /** Workloads of this namespace, or gateways; in the mesh's root namespace those of every namespace. Without it: all. */
  readonly selector?: RateLimitSelector;
  /** Local: every proxy counts by itself. Global: all count together, at the control plane or in its Redis. Local unless set. */
  readonly scope?: "Local" | "Global";
  /** Whether requests pass where the common counters cannot be asked; true unless set. */
  readonly failOpen?: boolean;
  /** Counts, and refuses nothing. */
  readonly dryRun?: boolean;
  /** A request must find room in every rule that it matches. */
  readonly rules: readonly RateLimitRule[];
}

/** Workloads of this namespace, or gateways; in the mesh's root namespace those of every namespace. Without it: all. */
export interface RateLimitSelector {
  /** Labels that all must be there. */
  readonly matchLabels: Readonly<Record<string, string>>;
}

export interface RateLimitRule {
  /** What answers and metrics call it. */
  readonly name: string;
  /** Which requests it counts: those that fit each field that is set, in one of its values. All unless set. */
  readonly match?: RateLimitMatch;
  /** Each combination of these has a limit of its own. Unless set: one for all. */
  readonly per?: readonly RateLimitDimension[];
  readonly limit: RateLimitAmount;
}

/** Which requests it counts: those that fit each field that is set, in one of its values. All unless set. */
export interface RateLimitMatch {
  /** Hosts without a port; *.example.com for all below. */
  readonly hosts?: readonly string[];
  /** Paths without their query: /exact, /prefix*, *suffix. */
  readonly paths?: readonly string[];
  readonly methods?: readonly string[];
  readonly headers?: readonly RateLimitHeaderMatch[];
  /** Callers by the identity that their certificate proves: cluster.local/ns/default/sa/web, with * at its begin or end. */
  readonly principals?: readonly string[];
  /** Addresses of the clients, as X-Forwarded-For tells them where a trusted proxy set it. */
  readonly remoteIpBlocks?: readonly string[];
  /** Names of a VirtualService's routes; at gateways only. */
  readonly routes?: readonly string[];
}

export interface RateLimitHeaderMatch {
  readonly name: string;
  /** exact, prefix*, *suffix; without values it is enough that the header is there. */
  readonly values?: readonly string[];
}

export interface RateLimitDimension {
  readonly type: "Header" | "Principal" | "RemoteAddress" | "Host" | "Path" | "Method" | "Route" | "Claim";
  /** Of the header, or of the claim (text or number) of a token that a RequestAuthentication has verified. */
  readonly name?: string;
}

export interface RateLimitAmount {
  /** How many in a unit of time, evenly spread. */
  readonly requests: number;
  readonly unit: "Second" | "Minute" | "Hour" | "Day";
  /** How many may come at once after a pause; as many as `requests` unless set. */
  readonly burst?: number;
}
