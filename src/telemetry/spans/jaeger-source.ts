import type { Span, SpanQuery, SpanSource } from "../../model/span.ts";
import { type Asking, asked, ownedBy } from "./asked.ts";
import { readJaeger } from "./jaeger.ts";
import { matches } from "./matches.ts";

/** Jaeger finds traces of one service at a time: so many services are asked about, those first whose name fits. */
const mostServices = 60;
/** Traces of one service. */
const mostTraces = 200;
/** So many questions at once. */
const atOnce = 8;

/** Asks a Jaeger's query service, by the API that its own page and Kiali ask. Source: jaegertracing.io/docs/latest/architecture/apis */
export function jaegerSource(asking: Asking): SpanSource {
  const read = (answer: unknown) => readJaeger(answer).map((spans) => spans.map((span) => ownedBy(span, asking)));
  return {
    about: { kind: "jaeger", url: asking.url },
    async search(query) {
      const services = servicesOf(await asked(asking, "/api/services"), query);
      const limit = Math.min(mostTraces, Math.max(query.limit, 20));
      const traces = new Map<string, readonly Span[]>();
      let more = services.length > mostServices;
      const wanted = services.slice(0, mostServices);
      for (let i = 0; i < wanted.length; i += atOnce) {
        const questions = wanted.slice(i, i + atOnce).map((service) => questionOf(query, service, limit));
        const answers = await Promise.all(questions.map(async (q) => read(await asked(asking, `/api/traces?${q}`))));
        more ||= answers.some((found) => found.length >= limit);
        for (const spans of answers.flat()) if (spans[0] !== undefined) traces.set(spans[0].trace, spans);
      }
      const found = [...traces.values()].filter((spans) => matches(spans, query)).sort((a, b) => begin(b) - begin(a));
      return { traces: found.slice(0, query.limit), more: more || found.length > query.limit };
    },
    async trace(id) {
      return read(await asked(asking, `/api/traces/${id}`))[0] ?? [];
    },
  };
}

/** Names as proxies call themselves, `reviews.default`; the likeliest first. */
function servicesOf(answer: unknown, { subject, namespaces }: SpanQuery): readonly string[] {
  const { data } = (answer ?? {}) as { readonly data?: unknown };
  const all = (Array.isArray(data) ? data : []).filter((name): name is string => typeof name === "string");
  const likely = (name: string): number => {
    const dot = name.lastIndexOf(".");
    const [app, namespace] = dot < 1 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)];
    const fits = partsOf(subject).some((part) => part.name.startsWith(app) && part.namespace === namespace);
    return (fits ? 2 : 0) + (namespace !== undefined && namespaces.includes(namespace) ? 1 : 0);
  };
  return all.toSorted((a, b) => likely(b) - likely(a));
}

function partsOf(subject: SpanQuery["subject"]): readonly { readonly namespace: string; readonly name: string }[] {
  if (subject === undefined) return [];
  if ("workloads" in subject) return subject.workloads;
  if ("edge" in subject) return [subject.edge.source];
  const [name = "", namespace = ""] = subject.service.split(".");
  return [{ name, namespace }];
}

/** What Jaeger can tell apart itself; the rest is looked for in what it answers. Its durations are of single spans. */
function questionOf({ from, to, atLeast, failed, tags }: SpanQuery, service: string, limit: number): string {
  const wanted = { ...tags, ...(failed === true ? { error: "true" } : {}) };
  return new URLSearchParams({
    service,
    start: String(Math.floor(from * 1000)),
    end: String(Math.ceil(to * 1000)),
    limit: String(limit),
    ...(atLeast === undefined ? {} : { minDuration: `${Math.max(1, Math.floor(atLeast * 1000))}us` }),
    ...(Object.keys(wanted).length === 0 ? {} : { tags: JSON.stringify(wanted) }),
  }).toString();
}

function begin(spans: readonly Span[]): number {
  return Math.min(...spans.map(({ start }) => start));
}
