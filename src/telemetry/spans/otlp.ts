import type { Span } from "../../model/span.ts";
import { knownTags } from "./tags.ts";
import { hex, type ToldSpan } from "./zipkin.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Spans of one answer at most. */
const most = 10_000;

const kinds: Readonly<Record<string, Span["kind"]>> = {
  SPAN_KIND_SERVER: "server",
  SPAN_KIND_CLIENT: "client",
  "2": "server",
  "3": "client",
};

/**
 * Reads OTLP in JSON, with ids in hexadecimal as OTLP has them or in base64 as Tempo writes them. What is no span is left out. Source:
 * opentelemetry.io/docs/specs/otlp
 */
export function readOtlp(value: unknown): readonly ToldSpan[] {
  const root = fields(value);
  const outer = root["trace"] === undefined ? root : fields(root["trace"]);
  const groups = list(outer["resourceSpans"] ?? outer["batches"]);
  const spans = groups.flatMap((group) => {
    const resource = textsOf(fields(fields(group)["resource"])["attributes"]);
    const scopes = list(fields(group)["scopeSpans"] ?? fields(group)["instrumentationLibrarySpans"]);
    return scopes.flatMap((scope) =>
      list(fields(scope)["spans"]).flatMap((one) => toldSpan(fields(one), resource) ?? []),
    );
  });
  return spans.slice(0, most);
}

function toldSpan(said: Fields, resource: Readonly<Record<string, string>>): ToldSpan | undefined {
  const trace = idOf(said["traceId"], 32);
  const id = idOf(said["spanId"], 16);
  const [begin, end] = [said["startTimeUnixNano"], said["endTimeUnixNano"]].map(microseconds);
  if (trace === undefined || id === undefined || begin === undefined || end === undefined) return undefined;
  const parent = idOf(said["parentSpanId"], 16);
  const { node, service, failed, tags } = knownTags(textsOf(said["attributes"]));
  const code = String(fields(said["status"])["code"] ?? "");
  return {
    trace,
    id,
    ...(parent === undefined ? {} : { parent }),
    kind: kinds[String(said["kind"])] ?? "other",
    name: String(said["name"] ?? "").slice(0, 1024),
    start: begin,
    duration: Math.max(0, end - begin),
    failed: failed || code === "STATUS_CODE_ERROR" || code === "2",
    reporter: resource["service.name"] ?? "",
    ...(node === undefined ? {} : { node }),
    ...(service === undefined ? {} : { service }),
    tags,
  };
}

/** An id of that many hexadecimal digits; undefined for none, and for all zeros. */
function idOf(value: unknown, digits: number): string | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  const found = value.length === digits ? hex(value, digits) : undefined;
  const id = found ?? hex(Buffer.from(value, "base64").toString("hex"), digits);
  return id === undefined || /^0+$/.test(id) ? undefined : id;
}

/** Of nanoseconds as a text: too long for a number. */
function microseconds(value: unknown): number | undefined {
  const text = String(value ?? "");
  return /^\d{4,20}$/.test(text) ? Number(text.slice(0, -3)) : undefined;
}

function textsOf(attributes: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    list(attributes).flatMap((one) => {
      const { key, value } = fields(one);
      const [said] = Object.values(fields(value));
      const plain = typeof said === "string" || typeof said === "number" || typeof said === "boolean";
      return typeof key === "string" && plain ? [[key, String(said).slice(0, 1024)]] : [];
    }),
  );
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
