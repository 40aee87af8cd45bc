/**
 * `GET /api/v1/traces?from=&to=&namespaces=&workload=NS/NAME,NS/NAME&service=HOST&edge=ID&min=&max=&failed=true&tag=NAME=VALUE&limit=`: at most one of
 * workload (or several, with commas), service and edge (an id of the graph). Moments and durations in milliseconds, moments since the epoch.
 */
export interface TraceList {
  readonly source: TraceSource;
  readonly from: number;
  readonly to: number;
  /** The newest first. */
  readonly traces: readonly TraceSummary[];
  /** There are others that are not in the list. */
  readonly more: boolean;
}

/** Who keeps the traces. */
export interface TraceSource {
  readonly kind: "embedded" | "zipkin" | "tempo" | "jaeger";
  readonly url?: string;
}

export interface TraceSummary {
  readonly id: string;
  readonly start: number;
  readonly duration: number;
  /** What began it. */
  readonly root: Pick<TraceSpan, "namespace" | "workload" | "name">;
  readonly spans: number;
  readonly failed: number;
  /** It went through namespaces that are shut to who asks; nothing here tells of them. */
  readonly partial?: true;
  /** Who had a part in it, in the order of their first span. */
  readonly parts: readonly { readonly namespace: string; readonly workload: string; readonly spans: number }[];
  /** The longest time at what was asked for, where something was. */
  readonly at?: { readonly start: number; readonly duration: number; readonly failed: boolean };
}

/** `GET /api/v1/traces/{id}`. */
export interface Trace {
  readonly source: TraceSource;
  readonly id: string;
  /** As in the list. */
  readonly partial?: true;
  /** Each after its parent, siblings by their beginning. */
  readonly spans: readonly TraceSpan[];
}

export interface TraceSpan {
  readonly id: string;
  /** Absent for one that nothing here caused. */
  readonly parent?: string;
  /** How deep below the first. */
  readonly depth: number;
  readonly kind: "server" | "client" | "other";
  readonly name: string;
  readonly start: number;
  readonly duration: number;
  readonly failed: boolean;
  readonly namespace: string;
  readonly workload: string;
  readonly pod?: string;
  /** The service that was asked for. */
  readonly service?: string;
  readonly tags: Readonly<Record<string, string>>;
}
