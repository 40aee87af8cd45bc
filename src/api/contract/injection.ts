/**
 * `POST /api/v1/injection[?dryRun]` (in a cluster alone; the body is an InjectionChange as JSON): whether Pods of a namespace, or of one workload of it, get a
 * sidecar. With `dryRun` nothing is written, and everything else is told.
 */
export interface InjectionChange {
  readonly namespace: string;
  /** A Deployment, StatefulSet or DaemonSet; absent: the namespace itself. */
  readonly workload?: string;
  /** `unsaid` takes the labels away; of a workload there is no revision. */
  readonly to: "enabled" | "disabled" | "unsaid" | { readonly revision: string };
}

export interface InjectionAnswer {
  readonly dryRun: boolean;
  /** `Namespace shop`, `Deployment shop/cart`. */
  readonly object: string;
  /** The merge patch. */
  readonly patch: unknown;
  /** The same by kubectl. */
  readonly command: string;
  /** What starts the Pods again, so that they are made as it says now; absent where the patch itself does. */
  readonly restart?: string;
  /** Pods of it without a sidecar now. */
  readonly without: readonly string[];
  /** Pods of it with one. */
  readonly within: readonly string[];
  readonly warnings: readonly string[];
}
