import type { Step, Store } from "../store/store.ts";
import { connectionMetrics, edgeMetrics, edgesOf, type MeasuredEdge, withOpen } from "./edges.ts";
import { endsOf } from "./ends.ts";
import { errorShares } from "./health.ts";
import { failingSince, type SeriesSubject } from "./series.ts";

const minute = 60_000;
/** How far back openings of connections are looked for. */
const longest = 12 * 60 * minute;

/** The store's traffic as edges. What several questions between two looks ask for is worked out once. */
export class Traffic {
  readonly #store: Store;
  readonly #startedAt: () => number;
  readonly #known = new Map<string, { readonly at: number; readonly edges: readonly MeasuredEdge[] }>();
  readonly #forget: () => void;

  /** @param startedAt when this mesh began: connections of an earlier run of it are gone. */
  constructor(store: Store, startedAt: () => number) {
    this.#store = store;
    this.#startedAt = startedAt;
    this.#forget = store.onWrite(() => this.#known.clear());
  }

  /** Edges of the window (seconds) that ends at `at`; `live` where that is now, so that an answer since the last look will do. */
  edges(at: number, window: number, live: boolean): readonly MeasuredEdge[] {
    const key = `${window}`;
    const known = this.#known.get(key);
    if (live && known && at - known.at < minute) return known.edges;
    const counted = edgesOf(this.#store.totals({ names: edgeMetrics }, at - window * 1000, at));
    const since = Math.max(this.#startedAt(), at - longest);
    const edges = withOpen(counted, this.#store.totals({ names: connectionMetrics }, Math.min(since, at - 1), at));
    if (live) this.#known.set(key, { at, edges });
    return edges;
  }

  /** Steps of everything that touches a node, or of one edge; `(from, to]` and `step` in milliseconds. */
  steps(subject: SeriesSubject, from: number, to: number, step: number): Step[] {
    const [source, target] = "edge" in subject ? subject.edge.split(">") : [subject.node, subject.node];
    const matches = (labels: Readonly<Record<string, string>>) => {
      const ends = endsOf(labels);
      return "edge" in subject ? ends.target === target : ends.source === source || ends.target === target;
    };
    return this.#store.steps({ names: edgeMetrics, matches }, from, to, step);
  }

  /** Since when an edge fails, by the last hour's minutes. */
  since(edge: MeasuredEdge, now: number): number | undefined {
    const to = Math.ceil(now / minute) * minute;
    return failingSince(this.steps({ edge: edge.id }, to - 60 * minute, to, minute), edge.id, errorShares.degraded);
  }

  close(): void {
    this.#forget();
  }
}
