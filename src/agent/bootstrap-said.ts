import { maxPattern, re2Fault } from "../std/re2.ts";
import type { BootstrapSettings } from "./bootstrap-settings.ts";

/** The part of ProxyConfig that is read here; what users wrote, so of any type. */
export interface BootstrapSaid {
  readonly proxyStatsMatcher?: unknown;
  readonly extraStatTags?: unknown;
  readonly runtimeValues?: unknown;
  readonly statsCompression?: unknown;
}

type Annotations = Readonly<Record<string, string>>;

/**
 * What ProxyConfig and a Pod's annotations `sidecar.istio.io/*` say of Envoy's bootstrap. What Envoy would not start with counts as not said.
 * Source: istio.io/latest/docs/reference/config/annotations, and ProxyConfig of istio.mesh.v1alpha1.
 */
export function bootstrapSettings(said: BootstrapSaid, annotations: Annotations): BootstrapSettings {
  const buckets = histogramBuckets(annotations["sidecar.istio.io/statsHistogramBuckets"]);
  const tags = [...texts(said.extraStatTags), ...listed(annotations["sidecar.istio.io/extraStatTags"])];
  const compression = compressionOf(annotations["sidecar.istio.io/statsCompression"], said.statsCompression);
  return {
    ...some("stats", matcher(said.proxyStatsMatcher, annotations)),
    ...some("statTags", tags.length === 0 ? undefined : [...new Set(tags.filter((tag) => /^[\w.-]+$/.test(tag)))]),
    ...some("histogramBuckets", buckets),
    ...intervals(annotations),
    ...some("statsCompression", compression),
    ...some("runtime", runtimeOf(said.runtimeValues)),
  };
}

function some<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: V });
}

/** An annotation counts instead of what ProxyConfig says. */
function matcher(said: unknown, annotations: Annotations): BootstrapSettings["stats"] {
  const own = (isObject(said) ? said : {}) as Readonly<Record<string, unknown>>;
  const of = (which: "Prefixes" | "Suffixes" | "Regexps") => {
    const annotated = listed(annotations[`sidecar.istio.io/statsInclusion${which}`]);
    return annotated.length > 0 ? annotated : texts(own[`inclusion${which}`]);
  };
  const regexps = of("Regexps").filter((text) => text.length <= maxPattern && re2Fault(text) === undefined);
  const stats = { prefixes: of("Prefixes"), suffixes: of("Suffixes"), regexps };
  return Object.values(stats).some((list) => list.length > 0) ? stats : undefined;
}

/** JSON of name → bounds: `{"istio_request_bytes": [100, 1000]}`. */
function histogramBuckets(text: string | undefined): BootstrapSettings["histogramBuckets"] {
  const said = json(text);
  if (!isObject(said)) return undefined;
  const all = Object.entries(said).flatMap(([prefix, buckets]) => {
    const rises = (n: unknown, i: number) => typeof n === "number" && n > (i === 0 ? 0 : buckets[i - 1]);
    return prefix !== "" && Array.isArray(buckets) && buckets.length > 0 && buckets.every(rises)
      ? [{ prefix, buckets: buckets as readonly number[] }]
      : [];
  });
  return all.length === 0 ? undefined : all.toSorted((a, b) => (a.prefix < b.prefix ? -1 : 1));
}

/** Envoy wants the eviction to be a multiple of the flush, which is below five minutes. */
function intervals(annotations: Annotations): Pick<BootstrapSettings, "statsFlushMs" | "statsEvictionMs"> {
  const flush = milliseconds(annotations["sidecar.istio.io/statsFlushInterval"]);
  const eviction = milliseconds(annotations["sidecar.istio.io/statsEvictionInterval"]);
  const good = flush !== undefined && flush < 300_000 ? flush : undefined;
  if (good === undefined && eviction === undefined) return {};
  const step = good ?? 1000;
  const statsEvictionMs = Math.ceil((eviction ?? 60_000) / step) * step;
  return { ...some("statsFlushMs", good), statsEvictionMs };
}

function compressionOf(annotated: string | undefined, said: unknown): BootstrapSettings["statsCompression"] {
  if (annotated === "gzip" || annotated === "brotli" || annotated === "zstd") return annotated;
  return said === true && annotated === undefined ? "gzip" : undefined;
}

/** Istio's values are text; Envoy wants its flags as booleans. An empty one is as if nobody said it, Weft's default neither. */
function runtimeOf(said: unknown): BootstrapSettings["runtime"] {
  if (!isObject(said)) return undefined;
  const entries = Object.entries(said).filter((e): e is [string, string] => typeof e[1] === "string");
  const value = (text: string) => (text === "true" || text === "false" ? text === "true" : text);
  return entries.length === 0 ? undefined : Object.fromEntries(entries.map(([key, text]) => [key, value(text)]));
}

/** Milliseconds of `500ms`, `5s`, `1m`, `1h`; at least one. */
export function milliseconds(text: unknown): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(String(text ?? "")) ?? [];
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const ms = Math.round(Number(number) * (units[unit] ?? Number.NaN));
  return ms >= 1 ? ms : undefined;
}

function listed(text: string | undefined): readonly string[] {
  return (text ?? "").split(",").flatMap((each) => (each.trim() === "" ? [] : [each.trim()]));
}

function texts(said: unknown): readonly string[] {
  return Array.isArray(said) ? said.filter((each) => typeof each === "string" && each !== "") : [];
}

function json(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(said: unknown): said is object {
  return typeof said === "object" && said !== null && !Array.isArray(said);
}
