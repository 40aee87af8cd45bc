import { knownTags } from "./tags.ts";
import { hex, type ToldSpan } from "./zipkin.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Spans of one trace at most. */
const most = 10_000;

/**
 * Traces of Jaeger's query service, as its own page has them. What is no span is left out. Source: github.com/jaegertracing/jaeger,
 * internal/uimodel.
 */
export function readJaeger(value: unknown): readonly (readonly ToldSpan[])[] {
  return list(fields(value)["data"]).map((trace) => {
    const { spans, processes } = fields(trace);
    return list(spans)
      .slice(0, most)
      .flatMap((one) => toldSpan(fields(one), fields(processes)) ?? []);
  });
}

function toldSpan(said: Fields, processes: Fields): ToldSpan | undefined {
  const trace = hex(said["traceID"], 32);
  const id = hex(said["spanID"], 16);
  const [start, duration] = [Number(said["startTime"]), Number(said["duration"])];
  if (trace === undefined || id === undefined || !Number.isSafeInteger(start) || !(duration >= 0)) return undefined;
  const parent = parentOf(said["references"], said["traceID"]);
  const all = textsOf(said["tags"]);
  const { node, service, failed, tags } = knownTags(all);
  const kind = all["span.kind"];
  return {
    trace,
    id,
    ...(parent === undefined ? {} : { parent }),
    kind: kind === "server" || kind === "client" ? kind : "other",
    name: String(said["operationName"] ?? "").slice(0, 1024),
    start,
    duration: Math.round(duration),
    failed: failed || all["otel.status_code"] === "ERROR",
    reporter: String(fields(processes[String(said["processID"])])["serviceName"] ?? ""),
    ...(node === undefined ? {} : { node }),
    ...(service === undefined ? {} : { service }),
    tags,
  };
}

/** Jaeger's references may lead to other traces as well. */
function parentOf(references: unknown, trace: unknown): string | undefined {
  const all = list(references).map(fields);
  const found = all.find(({ refType, traceID }) => refType === "CHILD_OF" && traceID === trace);
  return hex(found?.["spanID"], 16);
}

function textsOf(tags: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    list(tags).flatMap((one) => {
      const { key, value } = fields(one);
      const plain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
      return typeof key === "string" && plain ? [[key, String(value).slice(0, 1024)]] : [];
    }),
  );
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
