import type { SpanQuery, SpanSource } from "../../model/span.ts";
import { type Asking, asked, ownedBy } from "./asked.ts";
import { matches } from "./matches.ts";
import { readZipkin } from "./zipkin.ts";

/** Traces that are looked through for those that are asked for: Zipkin itself knows no workloads. */
const most = 1000;

/** Asks a Zipkin. Source: zipkin.io/zipkin-api */
export function zipkinSource(asking: Asking): SpanSource {
  const read = (value: unknown) => readZipkin(value).map((span) => ownedBy(span, asking));
  return {
    about: { kind: "zipkin", url: asking.url },
    async search(query) {
      const answer = await asked(asking, `/api/v2/traces?${questionOf(query)}`);
      const all = (Array.isArray(answer) ? answer : []).map(read);
      const found = all.filter((spans) => matches(spans, query)).sort((a, b) => beginOf(b) - beginOf(a));
      return { traces: found.slice(0, query.limit), more: found.length > query.limit || all.length >= most };
    },
    async trace(id) {
      const answer = await asked(asking, `/api/v2/trace/${id}`);
      return answer === undefined ? [] : read(answer);
    },
  };
}

function questionOf({ from, to, atLeast, atMost, failed, tags, subject }: SpanQuery): string {
  const query = new URLSearchParams({ endTs: String(Math.ceil(to)), lookback: String(Math.ceil(to - from)) });
  query.set("limit", String(most));
  // Zipkin's bounds are of any span of the trace: with them fewer come, and none is lost.
  if (atLeast !== undefined) query.set("minDuration", String(Math.max(1, Math.floor(atLeast * 1000))));
  if (atLeast !== undefined && atMost !== undefined && subject === undefined)
    query.set("maxDuration", String(Math.ceil(atMost * 1000)));
  const words = Object.entries(tags).map(([name, value]) => `${name}=${value}`);
  if (words.length > 0 && failed !== true) query.set("annotationQuery", words.join(" and "));
  return query.toString();
}

function beginOf(spans: readonly { readonly start: number }[]): number {
  return Math.min(...spans.map((s) => s.start));
}
