import type { Labels } from "../model/sample.ts";
import type { Log } from "../std/log.ts";
import type { Step, Total } from "./query.ts";
import type { Selection } from "./series-index.ts";
import type { History } from "./store.ts";

/** Asks a URL; answers the body's text, undefined where there is nothing (404). Rejects for anything else but 200. */
export type AskText = (url: string) => Promise<string | undefined>;

export interface PrometheusOptions {
  /** `http://prometheus.istio-system:9090`, with the path below which its API is, where there is one. */
  readonly url: string;
  readonly ask: AskText;
  readonly log: Log;
}

/** Labels that every question groups by: what edges are made of. What a scrape adds (Pod, instance) is summed. */
const kept = [
  ...["reporter", "request_protocol", "response_code", "grpc_response_status", "response_flags"],
  ...["connection_security_policy", "source_workload", "source_workload_namespace", "source_principal"],
  ...["destination_workload", "destination_workload_namespace", "destination_principal", "destination_service"],
  ...["destination_service_name", "destination_service_namespace", "source_app", "source_version"],
  ...["destination_app", "destination_version", "source_cluster", "destination_cluster"],
] as const;

const histograms: ReadonlySet<string> = new Set([
  "istio_request_duration_milliseconds",
  "istio_request_bytes",
  "istio_response_bytes",
]);

/** Steps that one question may have; Prometheus takes 11,000. */
const mostSteps = 2000;

/** Traffic's history as a Prometheus keeps it. What it does not answer is told once, and is a time that nobody looked at. */
export class PrometheusHistory implements History {
  readonly #options: PrometheusOptions;
  #silent = false;

  constructor(options: PrometheusOptions) {
    this.#options = options;
  }

  async totals(selection: Selection, from: number, to: number): Promise<Step> {
    const [step] = await this.steps(selection, from, to, Math.max(1, to - from));
    return step ?? { time: to, covered: 0, totals: [] };
  }

  async steps(selection: Selection, from: number, to: number, step: number): Promise<Step[]> {
    const count = Math.min(mostSteps, Math.max(1, Math.ceil((to - from) / step)));
    const span = { first: from + step, last: from + count * step, step };
    try {
      const found = await Promise.all(selection.names.map((name) => this.#grown(name, selection, span)));
      if (this.#silent) this.#options.log.info("Prometheus answers again", { url: this.#options.url });
      this.#silent = false;
      return stepsOf(found.flat(), span, count);
    } catch (error) {
      if (!this.#silent) this.#options.log.warn("Prometheus does not answer", { error: (error as Error).message });
      this.#silent = true;
      return Array.from({ length: count }, (_, i) => ({ time: from + (i + 1) * step, covered: 0, totals: [] }));
    }
  }

  async #grown(name: string, selection: Selection, span: Span): Promise<Grown[]> {
    const wanted = selectorOf(selection.labels ?? {});
    const of = (suffix: string, by: readonly string[]) =>
      this.#range(`sum by (${by.join(",")}) (increase(${name}${suffix}${wanted}[${Math.round(span.step)}ms]))`, span);
    if (!histograms.has(name)) return pointsOf(name, await of("", kept), selection);
    const [buckets, sums] = await Promise.all([of("_bucket", [...kept, "le"]), of("_sum", kept)]);
    return bucketsOf(name, buckets, sums, selection);
  }

  async #range(query: string, { first, last, step }: Span): Promise<readonly Row[]> {
    const asked = new URLSearchParams({
      query,
      start: String(first / 1000),
      end: String(last / 1000),
      step: String(step / 1000),
    });
    const base = this.#options.url.replace(/\/+$/, "");
    const text = await this.#options.ask(`${base}/api/v1/query_range?${asked}`);
    if (text === undefined) throw new Error(`${base} has no /api/v1/query_range: is its API below another path?`);
    const answer = JSON.parse(text) as Answer;
    if (answer.status !== "success") throw new Error(answer.error ?? "it answers without success");
    return answer.data?.result ?? [];
  }
}

interface Span {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly result: readonly Row[] };
}

interface Row {
  readonly metric: Labels;
  readonly values: readonly (readonly [number, string])[];
}

/** One series' growth at one step's end. */
interface Grown extends Total {
  readonly at: number;
}

function selectorOf(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function* points({ values }: Row, least = Number.MIN_VALUE): Generator<readonly [at: number, value: number]> {
  for (const [seconds, text] of values) {
    const value = Number(text);
    if (value >= least && Number.isFinite(value)) yield [Math.round(seconds * 1000), value];
  }
}

function pointsOf(name: string, rows: readonly Row[], { matches }: Selection): Grown[] {
  return rows
    .filter(({ metric }) => matches?.(metric) ?? true)
    .flatMap((row) => [...points(row)].map(([at, value]) => ({ at, name, labels: row.metric, value })));
}

/** Cumulative buckets, by series and time, made what fell into each. */
function bucketsOf(name: string, rows: readonly Row[], sums: readonly Row[], { matches }: Selection): Grown[] {
  const key = (labels: Labels, at: number) => `${at} ${JSON.stringify(Object.entries(labels).sort())}`;
  const sum = new Map(sums.flatMap((row) => [...points(row)].map(([at, value]) => [key(row.metric, at), value])));
  const found = new Map<string, { at: number; labels: Labels; cumulative: [bound: number, count: number][] }>();
  for (const row of rows) {
    const { le = "", ...labels } = row.metric;
    if (!(matches?.(labels) ?? true)) continue;
    const bound = le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le);
    for (const [at, count] of points(row, 0)) {
      const id = key(labels, at);
      const one = found.get(id) ?? { at, labels, cumulative: [] };
      one.cumulative.push([bound, count]);
      found.set(id, one);
    }
  }
  return [...found].flatMap(([id, { at, labels, cumulative }]) => {
    const sorted = cumulative.sort(([a], [b]) => a - b);
    const below = (i: number) => sorted[i - 1]?.[1] ?? 0;
    const counts = sorted.map(([, count], i) => Math.max(0, count - below(i)));
    const bounds = sorted.map(([bound]) => bound).filter(Number.isFinite);
    const buckets = { bounds, counts: counts.length > bounds.length ? counts : [...counts, 0], sum: sum.get(id) ?? 0 };
    const value = sorted.at(-1)?.[1] ?? 0;
    return value === 0 ? [] : [{ at, name, labels, value, buckets }];
  });
}

/** A step that nothing grew in was looked at, too, where any step was: Prometheus has what it scrapes. */
function stepsOf(grown: readonly Grown[], { first, step }: Span, count: number): Step[] {
  const at = Map.groupBy(grown, (one) => Math.round((one.at - first) / step));
  return Array.from({ length: count }, (_, i) => ({
    time: first + i * step,
    covered: step,
    totals: (at.get(i) ?? []).map(({ at: _at, ...total }) => total),
  }));
}
