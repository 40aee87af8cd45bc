import type { Span, SpanQuery, SpanSubject } from "../../model/span.ts";

/** Whether a trace is one that is asked for, of those that a store of somebody else's answered with. */
export function matches(spans: readonly Span[], query: SpanQuery): boolean {
  const { namespaces, subject, atLeast = 0, atMost = Number.POSITIVE_INFINITY, failed, tags } = query;
  if (spans.length === 0) return false;
  if (namespaces.length > 0 && !spans.some((s) => namespaces.includes(s.namespace))) return false;
  if (failed === true && !spans.some((s) => s.failed)) return false;
  const wanted = Object.entries(tags);
  if (wanted.length > 0 && !spans.some((s) => wanted.every(([name, value]) => s.tags[name] === value))) return false;
  const fits = ({ duration }: Pick<Span, "duration">) => duration >= atLeast * 1000 && duration <= atMost * 1000;
  if (subject === undefined) return fits(wholeOf(spans));
  return spans.some((s) => fits(s) && touches(s, subject, spans));
}

function wholeOf(spans: readonly Span[]): Pick<Span, "duration"> {
  const begin = Math.min(...spans.map((s) => s.start));
  return { duration: Math.max(...spans.map((s) => s.start + s.duration)) - begin };
}

function touches(span: Span, subject: SpanSubject, all: readonly Span[]): boolean {
  const isOf = (one: Span, { namespace, name }: { readonly namespace: string; readonly name: string }) =>
    one.namespace === namespace && one.workload === name;
  if ("workloads" in subject) return subject.workloads.some((workload) => isOf(span, workload));
  if ("service" in subject) return span.service === subject.service;
  const { source, target } = subject.edge;
  if (span.kind !== "client" || !isOf(span, source)) return false;
  return "service" in target
    ? span.service === target.service
    : all.some((s) => s.parent === span.id && isOf(s, target));
}
