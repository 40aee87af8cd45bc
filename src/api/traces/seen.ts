import type { Span, SpanQuery, SpanSource, SpanSubject, WorkloadRef } from "../../model/span.ts";
import type { Sight } from "../who/caller.ts";

/** A trace as somebody sees it. */
export interface SeenTrace {
  readonly spans: readonly Span[];
  /** Spans of namespaces that are shut to them were left out. */
  readonly partial: boolean;
}

/** Traces as somebody sees them. */
export interface SeenSpans {
  readonly about: SpanSource["about"];
  search(query: SpanQuery): Promise<{ readonly traces: readonly SeenTrace[]; readonly more: boolean }>;
  trace(id: string): Promise<SeenTrace>;
}

/** Traces that are read at once to find those that fit by what may be seen of them. */
const mostRead = 500;

/**
 * What a source keeps, for who sees these namespaces: of each trace the spans of workloads in them. What narrows a search is asked of these alone, and
 * not of the source: whether a trace is found, and whether there are more, tells nothing of the spans that are left out.
 */
export function seenSpans(source: SpanSource, sight: Sight): SeenSpans {
  const { about } = source;
  if (sight === "all")
    return {
      about,
      async search(query) {
        const { traces, more } = await source.search(query);
        return { traces: traces.map((spans) => ({ spans, partial: false })), more };
      },
      trace: async (id) => ({ spans: await source.trace(id), partial: false }),
    };
  return {
    about,
    async search(query) {
      const subject = query.subject && subjectIn(query.subject, sight);
      const namespaces =
        query.namespaces.length === 0 ? [...sight] : query.namespaces.filter((name) => sight.has(name));
      if (subject === "nothing" || namespaces.length === 0) return { traces: [], more: false };
      const { from, to } = query;
      const base = { from, to, namespaces, tags: {}, limit: mostRead };
      const found = await source.search(subject === undefined ? base : { ...base, subject });
      const seen = found.traces.map((spans) => within(spans, sight)).filter((one) => fits(one.spans, query, subject));
      return { traces: seen.slice(0, query.limit), more: found.more || seen.length > query.limit };
    },
    trace: async (id) => within(await source.trace(id), sight),
  };
}

function within(spans: readonly Span[], sight: ReadonlySet<string>): SeenTrace {
  const seen = spans.filter(({ namespace }) => sight.has(namespace));
  return { spans: seen, partial: seen.length < spans.length };
}

/** Workloads that may be seen, a call that begins at one of them, a service that is called from them; nothing where none is left. */
function subjectIn(subject: SpanSubject, sight: ReadonlySet<string>): SpanSubject | "nothing" {
  if ("service" in subject) return subject;
  if ("edge" in subject) return sight.has(subject.edge.source.namespace) ? subject : "nothing";
  const workloads = subject.workloads.filter(({ namespace }) => sight.has(namespace));
  return workloads.length === 0 ? "nothing" : { workloads };
}

function fits(spans: readonly Span[], query: SpanQuery, subject: SpanSubject | undefined): boolean {
  if (spans.length === 0) return false;
  const { namespaces, atLeast = 0, atMost = Number.POSITIVE_INFINITY, failed, tags } = query;
  const tagged = Object.entries(tags);
  const meant = subject === undefined ? [longest(spans)] : spans.filter((span) => isOf(span, subject));
  return (
    (namespaces.length === 0 || spans.some(({ namespace }) => namespaces.includes(namespace))) &&
    meant.some(({ duration }) => duration >= atLeast * 1000 && duration <= atMost * 1000) &&
    (failed !== true || spans.some((span) => span.failed)) &&
    tagged.every(([name, value]) => spans.some((span) => span.tags[name] === value))
  );
}

function longest(spans: readonly Span[]): Pick<Span, "duration"> {
  return { duration: Math.max(...spans.map(({ duration }) => duration)) };
}

/** Whether a span is of the subject; of a call between two, that it is the caller's. */
function isOf(span: Span, subject: SpanSubject): boolean {
  if ("service" in subject) return span.kind === "client" && span.service === subject.service;
  if ("edge" in subject) return span.kind === "client" && isAt(span, subject.edge.source);
  return subject.workloads.some((workload) => isAt(span, workload));
}

function isAt(span: Span, { namespace, name }: WorkloadRef): boolean {
  return span.namespace === namespace && span.workload === name;
}
