import type { Span } from "../../model/span.ts";
import { knownTags } from "./tags.ts";

/** A span as it was told, before it is known whose it is. */
export type ToldSpan = Omit<Span, "namespace" | "workload" | "pod"> & {
  /** Name of the local endpoint: `reviews.default`. */
  readonly reporter: string;
  /** Istio's node id of the proxy, where it was a proxy. */
  readonly node?: string;
};

/** Spans of one message at most. */
const most = 2000;

/** Longest text that is kept of a name or a value, in UTF-16 units. */
const longest = 1024;

const kinds: Readonly<Record<string, Span["kind"]>> = { SERVER: "server", CLIENT: "client" };

/** Reads Zipkin's list of spans, version 2. What is no span is left out; throws where it is no such list. Source: zipkin.io/zipkin-api */
export function readZipkin(value: unknown): readonly ToldSpan[] {
  if (!Array.isArray(value)) throw new Error("that is no list of spans");
  return value.slice(0, most).flatMap((one) => toldSpan(one) ?? []);
}

function toldSpan(value: unknown): ToldSpan | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const said = value as Readonly<Record<string, unknown>>;
  const trace = hex(said["traceId"], 32);
  const id = hex(said["id"], 16);
  const start = Number(said["timestamp"]);
  const duration = Number(said["duration"] ?? 0);
  if (trace === undefined || id === undefined || !Number.isSafeInteger(start) || !(duration >= 0)) return undefined;
  const parent = hex(said["parentId"], 16);
  const { node, service, failed, tags } = knownTags(textsOf(said["tags"]));
  const local = said["localEndpoint"] as { readonly serviceName?: unknown } | undefined;
  return {
    trace,
    id,
    ...(parent === undefined ? {} : { parent }),
    kind: kinds[String(said["kind"])] ?? "other",
    name: text(said["name"]),
    start,
    duration: Math.round(duration),
    failed,
    reporter: text(local?.serviceName),
    ...(node === undefined ? {} : { node }),
    ...(service === undefined ? {} : { service }),
    tags,
  };
}

/** Lower case, with leading zeros to its length; undefined for what is no such number. */
export function hex(value: unknown, digits: number): string | undefined {
  if (typeof value !== "string" || value.length > digits || !/^[0-9a-f]+$/i.test(value)) return undefined;
  return value.toLowerCase().padStart(digits, "0");
}

function text(value: unknown): string {
  return typeof value === "string" ? value.slice(0, longest) : "";
}

/** Tags whose values are texts. */
function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value)
      .filter((e): e is [string, string] => typeof e[1] === "string")
      .map(([name, said]) => [name, said.slice(0, longest)]),
  );
}
