import type { Span, SpanQuery, SpanSource } from "../../model/span.ts";
import { type Asking, asked, ownedBy } from "./asked.ts";
import { matches } from "./matches.ts";
import { readOtlp } from "./otlp.ts";

/** Traces that are read whole for one answer; Tempo lists but their first spans. */
const most = 100;

/** So many are read at once. */
const atOnce = 8;

/** Asks a Tempo. Source: grafana.com/docs/tempo/latest/api_docs */
export function tempoSource(asking: Asking): SpanSource {
  const whole = async (id: string): Promise<readonly Span[]> => {
    const answer = await asked(asking, `/api/traces/${id}`);
    return readOtlp(answer).map((span) => ownedBy(span, asking));
  };
  return {
    about: { kind: "tempo", url: asking.url },
    async search(query) {
      const limit = Math.min(most, Math.max(query.limit, 20));
      const answer = await asked(asking, `/api/search?${questionOf(query, limit)}`);
      const ids = idsOf(answer);
      const all: (readonly Span[])[] = [];
      for (let i = 0; i < ids.length; i += atOnce)
        all.push(...(await Promise.all(ids.slice(i, i + atOnce).map(whole))));
      const found = all
        .filter((spans) => matches(spans, query))
        .sort((a, b) => (b[0]?.start ?? 0) - (a[0]?.start ?? 0));
      return { traces: found.slice(0, query.limit), more: found.length > query.limit || ids.length >= limit };
    },
    trace: whole,
  };
}

function idsOf(answer: unknown): readonly string[] {
  const { traces } = (answer ?? {}) as { readonly traces?: unknown };
  if (!Array.isArray(traces)) return [];
  return traces.flatMap(({ traceID }: { readonly traceID?: unknown }) =>
    typeof traceID === "string" && /^[0-9a-f]{1,32}$/i.test(traceID) ? [traceID.toLowerCase().padStart(32, "0")] : [],
  );
}

/** In TraceQL what Tempo can tell apart itself; the rest is looked for in what it answers. */
function questionOf({ from, to, atLeast, failed, tags }: SpanQuery, limit: number): string {
  const conditions = [
    ...(atLeast === undefined ? [] : [`traceDuration >= ${Math.floor(atLeast)}ms`]),
    ...(failed === true ? ["status = error"] : []),
    ...Object.entries(tags).map(([name, value]) => `span.${quoted(name)} = ${quoted(value)}`),
  ];
  return new URLSearchParams({
    q: `{ ${conditions.join(" && ")} }`,
    start: String(Math.floor(from / 1000)),
    end: String(Math.ceil(to / 1000)),
    limit: String(limit),
  }).toString();
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
