import type { Increment, Labels } from "../model/sample.ts";
import { type Exposition, type Family, formatLabels, type Sampled } from "./exposition.ts";

/** Series of one metric that one workload may have, over all its Pods. Fewer than a proxy itself keeps, so that what is too much is seen and summed. */
const defaultLimit = 1500;

/** Milliseconds after which a series that is gone makes room. */
const forgottenAfter = 10 * 60_000;

/** Workloads' shares that are remembered. */
const mostShares = 20_000;

/** Workloads and metrics that the log names. */
const mostTold = 1000;

/** Sums of one metric of one proxy: it has one for each code and protocol, unless it makes things up. */
const mostSums = 200;

/** Metric → labels → those that it is counted under instead. */
type Folded = ReadonlyMap<string, ReadonlyMap<Labels, Labels>>;

/**
 * Bounds what one workload can make of the page and the history: by a label whose values have no end (hosts of strangers, a path that somebody made a
 * label). Series beyond the bound are one, with `overflow="true"`, that keeps who reports, the code and the protocol.
 */
export class SeriesBudget {
  readonly #limit: number;
  readonly #onFull: (workload: string, metric: string) => void;
  /** Workload and metric → label text → when it was seen last. */
  readonly #admitted = new Map<string, Map<string, number>>();
  readonly #told = new Set<string>();

  constructor(onFull: (workload: string, metric: string) => void, limit = defaultLimit) {
    this.#limit = limit;
    this.#onFull = onFull;
  }

  /** Which series of a proxy's answer are too many. */
  folded(exposition: Exposition, at: number): Folded {
    const found = new Map<string, Map<Labels, Labels>>();
    for (const { name, series, type } of exposition.values()) {
      if (type === "gauge") continue;
      // What a proxy says of its workload's name is not verified: it has no more than one workload's share.
      let left = this.#limit;
      for (const { labels, text } of series.values()) {
        if (left-- > 0 && this.#admits(name, labels, text, at)) continue;
        this.#tell(workloadOf(labels), name);
        const of = found.get(name) ?? new Map<Labels, Labels>();
        found.set(name, of.set(labels, overflowOf(labels)));
      }
    }
    return found;
  }

  /** Once of each, and not without end of names that are made up. */
  #tell(workload: string, name: string): void {
    const key = `${name} ${workload}`;
    if (this.#told.has(key) || this.#told.size >= mostTold) return;
    this.#told.add(key);
    this.#onFull(workload, name);
  }

  #admits(name: string, labels: Labels, text: string, at: number): boolean {
    const key = `${name} ${workloadOf(labels)}`;
    const known = this.#admitted.get(key) ?? new Map<string, number>();
    this.#admitted.set(key, known);
    if (this.#admitted.size > mostShares) this.#admitted.delete(this.#admitted.keys().next().value as string);
    if (known.size >= this.#limit && !known.has(text)) {
      const [oldest] = known;
      // Those seen stand at the end, so the first is the one that was not seen for the longest.
      if (oldest === undefined || at - oldest[1] < forgottenAfter) return false;
      known.delete(oldest[0]);
    }
    known.delete(text);
    known.set(text, at);
    return true;
  }
}

/** What one proxy counted beyond the budget, growing for as long as it is watched, whatever Envoy forgets of it. */
export class Overflow {
  readonly #sums = new Map<string, Map<string, Sampled>>();

  /** The same growth, with series that are too many as one. */
  fold(increments: readonly Increment[], folded: Folded): readonly Increment[] {
    if (folded.size === 0) return increments;
    return increments.map((one) => {
      const labels = folded.get(one.name)?.get(one.labels);
      if (labels === undefined) return one;
      return this.#add({ ...one, labels });
    });
  }

  /** A proxy's answer with series that are too many as one. */
  shown(exposition: Exposition, folded: Folded): Exposition {
    if (folded.size === 0 && this.#sums.size === 0) return exposition;
    return new Map(
      [...exposition].map(([name, family]): [string, Family] => {
        const gone = folded.get(name);
        const kept = [...family.series].filter(([, { labels }]) => gone?.has(labels) !== true);
        return [name, { ...family, series: new Map([...kept, ...(this.#sums.get(name) ?? [])]) }];
      }),
    );
  }

  #add(increment: Increment): Increment {
    const { name, value, buckets } = increment;
    const all = this.#sums.get(name) ?? new Map<string, Sampled>();
    this.#sums.set(name, all);
    const isOne = all.size < mostSums || all.has(formatLabels(increment.labels));
    const labels = isOne ? increment.labels : { overflow: "true" };
    const text = formatLabels(labels);
    const before = all.get(text);
    let below = 0;
    const cumulative = (buckets?.counts ?? []).slice(0, buckets?.bounds.length).map((count, i) => {
      below += count;
      return below + (before?.histogram?.counts[i] ?? 0);
    });
    const sum = (before?.histogram?.sum ?? 0) + (buckets?.sum ?? 0);
    const histogram = buckets === undefined ? {} : { histogram: { bounds: buckets.bounds, counts: cumulative, sum } };
    all.set(text, { labels, text, value: (before?.value ?? 0) + value, ...histogram });
    return { ...increment, labels };
  }
}

function own(labels: Labels): "source_" | "destination_" {
  return labels["reporter"] === "destination" ? "destination_" : "source_";
}

function workloadOf(labels: Labels): string {
  const side = own(labels);
  return `${labels[`${side}workload_namespace`]}/${labels[`${side}workload`]}`;
}

const few: ReadonlySet<string> = new Set(["reporter", "request_protocol", "response_code", "grpc_response_status"]);

function overflowOf(labels: Labels): Labels {
  const side = own(labels);
  const kept = (name: string) => few.has(name) || (name.startsWith(side) && !name.startsWith("destination_service"));
  const rest = Object.entries(labels).map(([name, value]) => [name, kept(name) ? value : "unknown"]);
  return { ...Object.fromEntries(rest), overflow: "true" };
}
