import type { History, Step, Store } from "../store/store.ts";
import { edgeMetrics, edgesInTurns, type MeasuredEdge } from "./edges.ts";
import { type Ends, endsOf, parseNodeId } from "./ends.ts";
import { errorShares } from "./health.ts";
import { connectionMetrics, withOpen } from "./open-connections.ts";
import { failingSince, type SeriesSubject } from "./series.ts";

const minute = 60_000;
/** How far back openings of connections are looked for. */
const longest = 12 * 60 * minute;

/** Traffic's history as edges. What several questions between two looks ask for is worked out once. */
export class Traffic {
  readonly #history: History;
  readonly #startedAt: () => number;
  readonly #known = new Map<string, { readonly at: number; readonly edges: Promise<readonly MeasuredEdge[]> }>();
  readonly #forget: () => void;

  /**
   * @param history who is asked.
   * @param looks tells of each look at the proxies.
   * @param startedAt when this mesh began: connections of an earlier run of it are gone.
   */
  constructor(history: History, looks: Pick<Store, "onWrite">, startedAt: () => number) {
    this.#history = history;
    this.#startedAt = startedAt;
    this.#forget = looks.onWrite(() => this.#known.clear());
  }

  /** Edges of the window (seconds) that ends at `at`; `live` where that is now, so that an answer since the last look will do. */
  edges(at: number, window: number, live: boolean): Promise<readonly MeasuredEdge[]> {
    const key = `${window}`;
    const known = this.#known.get(key);
    if (live && known && at - known.at < minute) return known.edges;
    const edges = this.#edges(at, window);
    if (live) {
      this.#known.set(key, { at, edges });
      edges.catch(() => this.#known.delete(key));
    }
    return edges;
  }

  /** Steps of everything that touches a node, or of one edge; `(from, to]` and `step` in milliseconds. */
  async steps(subject: SeriesSubject, from: number, to: number, step: number): Promise<Step[]> {
    const [source = "", target = ""] = "edge" in subject ? subject.edge.split(">") : [subject.node, subject.node];
    const matches = (labels: Readonly<Record<string, string>>) => {
      const ends = endsOf(labels);
      if ("edge" in subject) return mayBe(target, ends.target, ends);
      return mayBe(source, ends.source, ends) || mayBe(target, ends.target, ends);
    };
    return this.#history.steps({ names: edgeMetrics, matches }, from, to, step);
  }

  /** Edges of a window with the operations that servers report told apart. */
  async operations(at: number, window: number): Promise<readonly MeasuredEdge[]> {
    const counted = await this.#history.totals({ names: edgeMetrics }, at - window * 1000, at);
    return edgesInTurns(counted, { operations: true });
  }

  /** Since when an edge fails, by the last hour's minutes. */
  async since(edge: MeasuredEdge, now: number): Promise<number | undefined> {
    const to = Math.ceil(now / minute) * minute;
    const steps = await this.steps({ edge: edge.id }, to - 60 * minute, to, minute);
    return failingSince(steps, edge.id, errorShares.degraded);
  }

  async #edges(at: number, window: number): Promise<readonly MeasuredEdge[]> {
    const since = Math.max(this.#startedAt(), at - longest);
    const [counted, opened] = await Promise.all([
      this.#history.totals({ names: edgeMetrics }, at - window * 1000, at),
      this.#history.totals({ names: connectionMetrics }, Math.min(since, at - 1), at),
    ]);
    return withOpen(await edgesInTurns(counted), opened);
  }

  close(): void {
    this.#forget();
  }
}

/** Whether an end of a series may belong to a node: of one that stands for several workloads, what lies in its namespace or is asked for by its name. */
function mayBe(node: string, end: string, { service }: Ends): boolean {
  if (node === end) return true;
  const { type, namespace, name } = parseNodeId(node);
  if (type === "service") return service === name || parseNodeId(end).namespace === namespace;
  return (type === "app" || type === "operation" || type === "namespace") && parseNodeId(end).namespace === namespace;
}
