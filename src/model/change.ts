import type { Diagnostic } from "./diagnostic.ts";
import type { Ref, Resource } from "./resource.ts";

/** One step from one state of a source to the next. */
export type Change = { readonly put: Resource } | { readonly remove: Ref };

/** What a source tells: changes that belong together (one save), and what it refused. */
export interface SourceEvent {
  readonly changes: readonly Change[];
  /** All that is wrong with this source now, replacing what it said before. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A place that configuration or workloads come from. A source that is lost keeps silent: nothing is withdrawn. */
export interface Source {
  readonly name: string;
  /** Calls `listener` once with everything (that event is the sync), then for each change. */
  start(listener: (event: SourceEvent) => void): Promise<void>;
  stop(): Promise<void>;
}
