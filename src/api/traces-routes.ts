import { type SpanQuery, type SpanSubject, SpansAway, type WorkloadRef } from "../model/span.ts";
import type { Trace, TraceList } from "./contract/traces.ts";
import { parseNodeId } from "./ends.ts";
import { Refusal, sendJson } from "./http/answer.ts";
import { numberOf, type Route } from "./http/route.ts";
import type { SeenSpans } from "./traces/seen.ts";
import { summaryOf, walked } from "./traces/summary.ts";

export interface TracesReadable {
  readonly spans: SeenSpans;
  readonly now: () => number;
}

const minute = 60_000;
const day = 24 * 60 * minute;
const usualLimit = 100;
const mostTraces = 500;
/** Workloads that are asked for at once: versions of an application. */
const mostWorkloads = 20;

/** What is known of single requests on their way through the mesh. */
export function tracesRoutes({ spans, now }: TracesReadable): Route[] {
  return [
    {
      method: "GET",
      path: "/api/v1/traces",
      needs: "sight",
      handle: async ({ query, response }) => {
        const asked = queryOf(query, now());
        const { traces, more } = await told(spans.search(asked));
        const list: TraceList = {
          source: spans.about,
          from: asked.from,
          to: asked.to,
          traces: traces
            .filter((one) => one.spans.length > 0)
            .map((one) => ({ ...summaryOf(one.spans, asked.subject), ...partly(one) }))
            .sort((a, b) => b.start - a.start),
          more,
        };
        sendJson(response, list);
      },
    },
    {
      method: "GET",
      path: "/api/v1/traces/{id}",
      needs: "sight",
      handle: async ({ params, response }) => {
        const id = traceId(params["id"] ?? "");
        const found = await told(spans.trace(id));
        if (found.spans.length === 0)
          throw new Refusal(
            404,
            `there is no trace ${id}`,
            "it may be older than what is kept, or not have been sampled",
          );
        sendJson(response, { source: spans.about, id, ...partly(found), spans: walked(found.spans) } satisfies Trace);
      },
    },
  ];
}

function partly({ partial }: { readonly partial: boolean }): { readonly partial?: true } {
  return partial ? { partial } : {};
}

/** What a store answers; that it does not answer is nobody's fault here. */
async function told<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof SpansAway)) throw error;
    throw new Refusal(502, error.message, "look whether it runs, and at --traces of the control plane");
  }
}

function traceId(text: string): string {
  if (!/^[0-9a-f]{1,32}$/i.test(text))
    throw new Refusal(400, `"${text}" is no id of a trace`, "write up to 32 hexadecimal digits");
  return text.toLowerCase().padStart(32, "0");
}

/** Throws a Refusal for what makes no sense. */
function queryOf(query: URLSearchParams, now: number): SpanQuery {
  const to = numberOf(query, "to", { min: 0, max: now + day, fallback: now });
  const from = numberOf(query, "from", { min: 0, max: to, fallback: Math.max(0, to - 15 * minute) });
  const subject = subjectOf(query);
  const bound = (name: string) =>
    query.has(name) ? numberOf(query, name, { min: 0, max: day, fallback: 0 }) : undefined;
  const [atLeast, atMost] = [bound("min"), bound("max")];
  return {
    from,
    to,
    ...(subject === undefined ? {} : { subject }),
    namespaces: (query.get("namespaces") ?? "").split(",").filter((n) => n !== ""),
    ...(atLeast === undefined ? {} : { atLeast }),
    ...(atMost === undefined ? {} : { atMost }),
    ...(query.get("failed") === "true" ? { failed: true } : {}),
    tags: Object.fromEntries(query.getAll("tag").slice(0, 5).map(tagOf)),
    limit: numberOf(query, "limit", { min: 1, max: mostTraces, fallback: usualLimit }),
  };
}

function tagOf(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new Refusal(400, `tag: "${text}" says no value`, "write it like http.method=GET");
  return [text.slice(0, at), text.slice(at + 1)];
}

function subjectOf(query: URLSearchParams): SpanSubject | undefined {
  const [workload, service, edge] = ["workload", "service", "edge"].map((name) => query.get(name) || undefined);
  if ([workload, service, edge].filter((one) => one !== undefined).length > 1)
    throw new Refusal(400, "traces are of one workload, service or edge", "leave all but one of these out");
  if (workload !== undefined) return { workloads: workload.split(",").slice(0, mostWorkloads).map(workloadRef) };
  if (service !== undefined) return { service };
  return edge === undefined ? undefined : { edge: endsOfEdge(edge) };
}

function workloadRef(text: string): WorkloadRef {
  const [namespace, name, more] = text.split("/");
  if (namespace && name && more === undefined) return { namespace, name };
  throw new Refusal(400, `workload: "${text}" is none`, "write it like default/reviews-v1");
}

/** `workload/default/a>workload/default/b>http>b.default.svc.cluster.local`, as the graph has it. */
function endsOfEdge(id: string): Extract<SpanSubject, { edge: unknown }>["edge"] {
  const [from = "", to = "", , service = ""] = id.split(">");
  const [source, target] = [parseNodeId(from), parseNodeId(to)];
  if (source.type !== "workload" || target.type === "unknown" || service === "")
    throw new Refusal(
      400,
      `edge: "${id}" has no traces of its own`,
      "name one that begins at a workload, by its id in the graph",
    );
  const { namespace, name } = target;
  return {
    source: { namespace: source.namespace, name: source.name },
    target: target.type === "workload" ? { namespace, name } : { service },
  };
}
