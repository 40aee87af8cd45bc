/** One step of a request's way, as the proxy told it that stands there. Times are microseconds, since the epoch where they are moments. */
export interface Span {
  /** 32 hexadecimal digits. */
  readonly trace: string;
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly parent?: string;
  /** `server`: a request came in; `client`: one went out. */
  readonly kind: "server" | "client" | "other";
  /** What the reporter calls it: `reviews.default.svc.cluster.local:9080/*`. */
  readonly name: string;
  readonly start: number;
  readonly duration: number;
  readonly failed: boolean;
  /** Whose span it is; empty texts where that is unknown. */
  readonly namespace: string;
  readonly workload: string;
  readonly pod?: string;
  /** The service that was asked for: `reviews.default.svc.cluster.local`. */
  readonly service?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Which traces are meant. Moments are milliseconds since the epoch, durations milliseconds. */
export interface SpanQuery {
  readonly from: number;
  readonly to: number;
  /** Only traces that touch it; of `edge`, that went from the one to the other. */
  readonly subject?: SpanSubject;
  /** Only traces with a span of one of these; none: all. */
  readonly namespaces: readonly string[];
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly failed?: boolean;
  /** Names and values of tags that one span of the trace has, all of them. */
  readonly tags: Readonly<Record<string, string>>;
  readonly limit: number;
}

export type SpanSubject =
  | { readonly workloads: readonly WorkloadRef[] }
  | { readonly service: string }
  /** `service` where the target is no workload of the mesh. */
  | { readonly edge: { readonly source: WorkloadRef; readonly target: WorkloadRef | { readonly service: string } } };

export interface WorkloadRef {
  readonly namespace: string;
  readonly name: string;
}

/** Why traces cannot be told of now: whoever keeps them does not answer. */
export class SpansAway extends Error {}

/** Whom to ask for traces: what the control plane keeps itself, or somebody's Zipkin, Tempo or Jaeger. */
export interface SpanSource {
  readonly about: { readonly kind: "embedded" | "zipkin" | "tempo" | "jaeger"; readonly url?: string };
  /** Whole traces, the newest first; `more` where there are others. Rejects with what the user can mend. */
  search(query: SpanQuery): Promise<{ readonly traces: readonly (readonly Span[])[]; readonly more: boolean }>;
  /** All spans of a trace; none where it is not known. */
  trace(id: string): Promise<readonly Span[]>;
}
