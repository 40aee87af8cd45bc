import type { Span, SpanSubject, WorkloadRef } from "../../model/span.ts";
import type { TraceSpan, TraceSummary } from "../contract/traces.ts";

/** A trace in one line. `subject`: what the time is wanted of. Throws for no span at all. */
export function summaryOf(spans: readonly Span[], subject?: SpanSubject): TraceSummary {
  const [first] = ordered(spans);
  if (first === undefined) throw new Error("a trace has a span");
  const begin = Math.min(...spans.map((s) => s.start));
  const end = Math.max(...spans.map((s) => s.start + s.duration));
  const parts = Map.groupBy(
    spans.toSorted((a, b) => a.start - b.start),
    (s) => `${s.namespace}/${s.workload}`,
  );
  const at = subject && spans.filter((s) => isAt(s, subject, spans)).reduce(longest, undefined as Span | undefined);
  return {
    id: first.trace,
    start: begin / 1000,
    duration: (end - begin) / 1000,
    root: { namespace: first.namespace, workload: first.workload, name: first.name },
    spans: spans.length,
    failed: spans.filter((s) => s.failed).length,
    parts: [...parts.values()].flatMap(([one, ...rest]) =>
      one === undefined ? [] : [{ namespace: one.namespace, workload: one.workload, spans: rest.length + 1 }],
    ),
    ...(at === undefined ? {} : { at: { start: at.start / 1000, duration: at.duration / 1000, failed: at.failed } }),
  };
}

function longest(a: Span | undefined, b: Span): Span {
  return a === undefined || b.duration > a.duration ? b : a;
}

/** Whether the span is the time that the subject took: a request to the workload (or from it, where none comes in), to the service, on the edge. */
function isAt(span: Span, subject: SpanSubject, all: readonly Span[]): boolean {
  if ("service" in subject) return span.kind === "client" && span.service === subject.service;
  if ("workloads" in subject) {
    const isOwn = (one: Span) => subject.workloads.some((workload) => isOf(one, workload));
    return isOwn(span) && (span.kind === "server" || !all.some((s) => s.kind === "server" && isOwn(s)));
  }
  const { source, target } = subject.edge;
  if (span.kind !== "client" || !isOf(span, source)) return false;
  return "service" in target
    ? span.service === target.service
    : all.some((s) => s.parent === span.id && isOf(s, target));
}

function isOf(span: Span, { namespace, name }: WorkloadRef): boolean {
  return span.namespace === namespace && span.workload === name;
}

/** Spans as a tree, walked: each after its parent, siblings by their beginning. What points to a parent that is not there begins a tree; so does one of a ring. */
export function walked(spans: readonly Span[]): readonly TraceSpan[] {
  return ordered(spans).map(({ depth, trace: _, parent, start, duration, ...span }) => ({
    ...span,
    ...(parent === undefined ? {} : { parent }),
    depth,
    start: start / 1000,
    duration: duration / 1000,
  }));
}

function ordered(spans: readonly Span[]): readonly (Span & { readonly depth: number })[] {
  const byStart = spans.toSorted((a, b) => a.start - b.start || b.duration - a.duration);
  const ids = new Set(spans.map((s) => s.id));
  const children = Map.groupBy(byStart, (s) => (s.parent === undefined || !ids.has(s.parent) ? "" : s.parent));
  const done = new Set<Span>();
  const found: (Span & { readonly depth: number })[] = [];
  const walk = (first: readonly Span[]) => {
    const open = first.toReversed().map((span) => ({ span, depth: 0 }));
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { span, depth } = next;
      if (done.has(span)) continue;
      done.add(span);
      found.push({ ...withoutLost(span, ids), depth });
      for (const child of (children.get(span.id) ?? []).toReversed()) open.push({ span: child, depth: depth + 1 });
    }
  };
  walk(children.get("") ?? []);
  for (const span of byStart) if (!done.has(span)) walk([span]);
  return found;
}

function withoutLost(span: Span, ids: ReadonlySet<string>): Span {
  if (span.parent === undefined || ids.has(span.parent)) return span;
  const { parent: _, ...rest } = span;
  return rest;
}
