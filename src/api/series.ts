import { addBuckets, quantile } from "../store/histogram.ts";
import type { Step } from "../store/store.ts";
import type { Series } from "./contract/series.ts";
import { edgesOf, latencies, type MeasuredEdge } from "./edges.ts";

export const seriesMetrics = ["rate", "errors", "avg", "p50", "p95", "p99", "bytes", "sent", "received"] as const;
export type SeriesMetric = (typeof seriesMetrics)[number];

/** What a chart is about: one edge, or a node with what comes in to it (what goes out of it, where nothing ever comes in). */
export type SeriesSubject = { readonly edge: string } | { readonly node: string };

export interface SeriesView {
  readonly live?: boolean;
  /** Edges of workloads as those of the nodes that are asked for. */
  readonly see?: (edges: readonly MeasuredEdge[]) => readonly MeasuredEdge[];
}

/** One metric over time. `live`: the steps end now, and the last look may not have come yet: steps after it are left out. A step that nobody looked at has no value; a step without requests has rate 0 and no latency. */
export function seriesOf(
  steps: readonly Step[],
  subject: SeriesSubject,
  metric: SeriesMetric,
  { live = false, see = (edges) => edges }: SeriesView = {},
): Series {
  const perStep = filled(steps).map((step) => ({ ...step, edges: see(edgesOf(step)) }));
  const choose = chooser(
    subject,
    perStep.map((s) => s.edges),
  );
  const tcp = perStep.some((s) => choose(s.edges).some((e) => e.protocol === "tcp"));
  const seen = perStep.slice(0, perStep.findLastIndex((s) => s.covered > 0) + 1 || perStep.length);
  const points = (live ? seen : perStep).map(
    (s) => [s.time, s.covered === 0 ? null : metricOf(choose(s.edges), metric)] as const,
  );
  return { name: metric, unit: unitOf(metric, tcp), points };
}

function chooser(
  subject: SeriesSubject,
  all: readonly (readonly MeasuredEdge[])[],
): (edges: readonly MeasuredEdge[]) => MeasuredEdge[] {
  if ("edge" in subject) return (edges) => edges.filter((e) => e.id === subject.edge);
  const side = all.some((edges) => edges.some((e) => e.target === subject.node)) ? "target" : "source";
  return (edges) => edges.filter((e) => e[side] === subject.node);
}

/** One metric of some edges together; null where there is nothing to say. */
export function metricOf(edges: readonly MeasuredEdge[], metric: SeriesMetric): number | null {
  const total = (read: (e: MeasuredEdge) => number | undefined) => edges.reduce((n, e) => n + (read(e) ?? 0), 0);
  if (metric === "rate") return total((e) => e.rate);
  if (metric === "bytes") return total((e) => (e.bytesSentRate ?? 0) + (e.bytesReceivedRate ?? 0));
  if (metric === "sent") return total((e) => e.bytesSentRate);
  if (metric === "received") return total((e) => e.bytesReceivedRate);
  if (metric === "errors") {
    const count = total((e) => e.count);
    return count > 0 ? total((e) => e.errors) / count : null;
  }
  const [first, ...rest] = edges.flatMap((e) => (e.latency ? [e.latency] : []));
  const all = first && rest.reduce(addBuckets, first);
  if (metric === "avg") return (all && latencies(all).avg) ?? null;
  return all ? (quantile(Number(metric.slice(1)) / 100, all) ?? null) : null;
}

/** What values of a metric are counted in. */
export function unitOf(metric: SeriesMetric, tcp: boolean): string {
  if (metric === "rate") return tcp ? "connections/s" : "requests/s";
  if (metric === "errors") return "share";
  return metric === "bytes" || metric === "sent" || metric === "received" ? "bytes/s" : "ms";
}

/** Looks and steps beat against each other: a step without a look takes the next one's, where that look speaks for its time too. */
export function filled(steps: readonly Step[]): Step[] {
  return steps.map((step, i) => {
    if (step.covered > 0) return step;
    const next = steps.findIndex((s, j) => j > i && s.covered > 0);
    const later = steps[next];
    if (later === undefined || later.covered < (later.time - step.time) * 0.8) return step;
    return { ...later, time: step.time };
  });
}

/** When the failing that an edge shows now began, by minutes; undefined where it is older than the steps, or not to be seen in them. */
export function failingSince(steps: readonly Step[], edge: string, share: number): number | undefined {
  let since: number | undefined;
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i];
    if (step === undefined) break;
    const found = edgesOf(step).find((e) => e.id === edge);
    if (found === undefined || found.count === 0) continue;
    if (found.errorShare < share) return since;
    since = step.time - step.covered;
  }
  const first = steps.find((s) => s.covered > 0);
  return first && !edgesOf(first).some((e) => e.id === edge) ? since : undefined;
}

const mostPoints = 1500;

/** Milliseconds of a step: no finer than five seconds, nor than makes too many points; whole minutes for long spans, which are read from the minutes' table. */
export function stepFor(span: number, wanted: number): number {
  const step = Math.max(5000, wanted, span / mostPoints);
  return span > 40 * 60_000 || step >= 60_000 ? Math.ceil(step / 60_000) * 60_000 : Math.ceil(step / 1000) * 1000;
}
