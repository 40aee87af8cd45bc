/** What a detail is about. */
export type SubjectKind = "namespace" | "application" | "service" | "workload" | "gateway" | "external";

/** One thing that has a detail, as every tab of it is told. */
export interface Subject {
  readonly kind: SubjectKind;
  /** Empty for what lives in none (a namespace, a host outside). */
  readonly namespace: string;
  readonly name: string;
  /** The workloads behind it, as nodes of the graph: `workload/default/reviews-v1`. */
  readonly workloads: readonly string[];
  /** The host that callers ask for: `reviews.default.svc.cluster.local`. Of services and of hosts outside. */
  readonly host?: string;
}
