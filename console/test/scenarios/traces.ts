import type { Trace, TraceList, TraceSpan, TraceSummary } from "../../../src/api/contract/traces.ts";
import { wave } from "./world.ts";

/** One step: who, how it began after the first (ms), how long it took, whom it called. */
interface Step {
  readonly at: string;
  readonly kind: TraceSpan["kind"];
  readonly host: string;
  readonly path: string;
  readonly after: number;
  readonly took: number;
  readonly depth: number;
  readonly failed?: boolean;
}

const host = (name: string) => `${name}.default.svc.cluster.local`;

/** A page with its details and reviews; the second version of these calls the ratings and is slow, or fails. */
function steps(slow: number, version: number, failed: boolean): readonly Step[] {
  const reviews = `reviews-v${version}`;
  const stars: readonly Step[] =
    version === 1
      ? []
      : [
          {
            at: reviews,
            kind: "client",
            host: host("ratings"),
            path: "/ratings/0",
            after: 9,
            took: slow,
            depth: 5,
            failed,
          },
          {
            at: "ratings-v1",
            kind: "server",
            host: host("ratings"),
            path: "/ratings/0",
            after: 9.4,
            took: slow - 0.7,
            depth: 6,
            failed,
          },
        ];
  const took = 6 + (version === 1 ? 0 : slow);
  const whole = 14 + took;
  return [
    {
      at: "istio-ingressgateway",
      kind: "server",
      host: host("productpage"),
      path: "/productpage",
      after: 0,
      took: whole,
      depth: 0,
      failed,
    },
    {
      at: "istio-ingressgateway",
      kind: "client",
      host: host("productpage"),
      path: "/productpage",
      after: 0.2,
      took: whole - 0.3,
      depth: 1,
      failed,
    },
    {
      at: "productpage-v1",
      kind: "server",
      host: host("productpage"),
      path: "/productpage",
      after: 0.7,
      took: whole - 1.1,
      depth: 2,
      failed,
    },
    { at: "productpage-v1", kind: "client", host: host("details"), path: "/details/0", after: 2, took: 3.2, depth: 3 },
    { at: "details-v1", kind: "server", host: host("details"), path: "/details/0", after: 2.5, took: 1.9, depth: 4 },
    {
      at: "productpage-v1",
      kind: "client",
      host: host("reviews"),
      path: "/reviews/0",
      after: 6,
      took: took + 1.4,
      depth: 3,
      failed,
    },
    { at: reviews, kind: "server", host: host("reviews"), path: "/reviews/0", after: 6.6, took, depth: 4, failed },
    ...stars,
  ];
}

function spansOf(number: number, start: number): readonly TraceSpan[] {
  const slow = wave(`trace${number}`, number * 7000, number % 11 === 0 ? 380 : 16, 0.7) + 1;
  const failed = number % 7 === 0;
  const open: string[] = [];
  return steps(slow, (number % 3) + 1, failed && number % 3 !== 0).map((step, i): TraceSpan => {
    const id = (number * 100 + i + 1).toString(16).padStart(16, "0");
    open.length = step.depth;
    const parent = open.at(-1);
    open.push(id);
    return {
      ...{ id, depth: step.depth, kind: step.kind, name: `${step.host}:9080${step.path}`, start: start + step.after },
      ...{ duration: step.took, failed: step.failed ?? false },
      namespace: step.at === "istio-ingressgateway" ? "istio-system" : "default",
      workload: step.at,
      pod: `${step.at}-7d4b9`,
      ...(parent === undefined ? {} : { parent }),
      ...(step.kind === "client" ? { service: step.host } : {}),
      tags: {
        "http.method": "GET",
        "http.url": `http://${step.host.split(".")[0]}:9080${step.path}`,
        "http.status_code": step.failed ? "503" : "200",
        ...(step.failed && step.kind === "client" && step.depth === 5 ? { response_flags: "UF" } : {}),
        "guid:x-request-id": `862372ef-b25f-9df5-a0f1-${number.toString(16).padStart(12, "0")}`,
      },
    };
  });
}

const every = 1500;

function idOf(number: number): string {
  return number.toString(16).padStart(32, "0");
}

/** Traces of the time that is asked for: one every second and a half. */
export function tracesOf(url: URL): TraceList {
  const query = (name: string) => url.searchParams.get(name) ?? "";
  const [from, to] = [Number(query("from")), Number(query("to"))];
  const [first, last] = [Math.ceil(from / every), Math.floor(to / every)];
  const numbers = Array.from({ length: Math.min(200, last - first + 1) }, (_, i) => last - i).reverse();
  const found = numbers.map((n) => summary(n, query("workload"), query("service")));
  const traces = found
    .filter((t) => (query("workload") + query("service") === "" ? true : t.at !== undefined))
    .filter((t) => query("failed") !== "true" || t.failed > 0)
    .filter((t) => t.duration >= Number(query("min") || 0) && t.duration <= Number(query("max") || 1e9));
  return { source: { kind: "embedded" }, from, to, traces: traces.reverse(), more: last - first >= 200 };
}

export function traceOf(id: string): Trace | undefined {
  const number = Number.parseInt(id, 16);
  if (!(number > 0)) return undefined;
  return { source: { kind: "embedded" }, id, spans: spansOf(number, number * every) };
}

function summary(number: number, workload: string, service: string): TraceSummary {
  const spans = spansOf(number, number * every);
  const [first] = spans as readonly [TraceSpan];
  const parts = [...Map.groupBy(spans, (s) => s.workload)].map(([name, own]) => ({
    namespace: own[0]?.namespace ?? "",
    workload: name,
    spans: own.length,
  }));
  const at = spans.find(
    (s) => `${s.namespace}/${s.workload}` === workload || (s.kind === "client" && s.service === service),
  );
  return {
    ...{ id: idOf(number), start: first.start, duration: first.duration, spans: spans.length },
    root: { namespace: first.namespace, workload: first.workload, name: first.name },
    failed: spans.filter((s) => s.failed).length,
    parts,
    ...(at === undefined ? {} : { at: { start: at.start, duration: at.duration, failed: at.failed } }),
  };
}
