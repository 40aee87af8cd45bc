import type { Labels } from "../model/sample.ts";

/** One series of a proxy, as it counts since the proxy started. */
export interface Sampled {
  readonly labels: Labels;
  /** The labels as Prometheus' text has them, without braces; equal for equal labels of one proxy. */
  readonly text: string;
  readonly value: number;
  /** Only for histograms, whose `value` is the number of observations. */
  readonly histogram?: CumulativeBuckets;
}

/** Prometheus' own form: `counts[i]` observations were at or below `bounds[i]`. All of them are the series' value. */
interface CumulativeBuckets {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

export interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly series: ReadonlyMap<string, Sampled>;
}

/** What one proxy answered: family name → family. */
export type Exposition = ReadonlyMap<string, Family>;

/** Istio's value for a label that nobody knows. Envoy's access logger writes an empty one instead. */
const unknown = "unknown";

/** `istio_requests_total` of `envoy_istio_requests_total`; undefined for a metric that the mesh does not read. */
export function meshName(name: string): string | undefined {
  if (name.startsWith("envoy_istio_")) return name.slice("envoy_".length);
  return name.startsWith("istio_") || ofProxy.has(name) ? name : undefined;
}

/** Seconds since Envoy started, as Envoy names it. */
export const uptime = "envoy_server_uptime";

/** What is told of the proxy itself, by Envoy's own names. */
const ofProxy: ReadonlySet<string> = new Set([
  uptime,
  "envoy_server_live",
  "envoy_server_memory_allocated",
  "envoy_server_memory_physical_size",
  "envoy_server_total_connections",
  "envoy_server_days_until_first_cert_expiring",
  "envoy_control_plane_connected_state",
]);

/** The same as Envoy's filter has them, for all that `meshName` knows. */
export const statsFilter =
  "^(istio_|server\\.(uptime|live|memory_allocated|memory_physical_size|total_connections|days_until_first_cert_expiring)$|control_plane\\.connected_state$)";

const pair = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/y;

/** The pairs of a label text; undefined where it is none. Empty values become `unknown`. */
export function parseLabels(text: string): Labels | undefined {
  const labels: Record<string, string> = {};
  pair.lastIndex = 0;
  while (pair.lastIndex < text.length) {
    const match = pair.exec(text);
    if (match === null) return undefined;
    labels[match[1] as string] = match[2] === "" ? unknown : unescapeLabel(match[2] as string);
  }
  return labels;
}

/** Labels as Prometheus' text has them, in their own order, without braces. */
export function formatLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(",");
}

/** Escapes a label's value: backslash, quote, line feed. */
export function escapeLabel(value: string): string {
  return /[\\"\n]/.test(value) ? value.replace(/[\\"\n]/g, (c) => (c === "\n" ? "\\n" : `\\${c}`)) : value;
}

function unescapeLabel(value: string): string {
  return value.includes("\\") ? value.replace(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c)) : value;
}
