import type { MeshConfigSpec } from "../../gen/istio/mesh-config.ts";
import type { MetricsOverrides, TelemetryMetrics } from "../../gen/istio/telemetry.ts";
import type { Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { type Telemetered, telemetryOf } from "./rules.ts";

/** Istio's standard metrics by the names that a Telemetry has for them. Source: istio.io/latest/docs/reference/config/metrics */
const standard = {
  REQUEST_COUNT: "istio_requests_total",
  REQUEST_DURATION: "istio_request_duration_milliseconds",
  REQUEST_SIZE: "istio_request_bytes",
  RESPONSE_SIZE: "istio_response_bytes",
  TCP_OPENED_CONNECTIONS: "istio_tcp_connections_opened_total",
  TCP_CLOSED_CONNECTIONS: "istio_tcp_connections_closed_total",
  TCP_SENT_BYTES: "istio_tcp_sent_bytes_total",
  TCP_RECEIVED_BYTES: "istio_tcp_received_bytes_total",
  GRPC_REQUEST_MESSAGES: "istio_request_messages_total",
  GRPC_RESPONSE_MESSAGES: "istio_response_messages_total",
} as const;

export type MetricName = (typeof standard)[keyof typeof standard];

const allMetrics: readonly MetricName[] = Object.values(standard);

/** What a proxy counts other than usual, of calls that go out (a gateway: of all calls) and of those that come in; absent: as usual. */
export interface MetricsPlans {
  readonly client?: MetricsPlan;
  readonly server?: MetricsPlan;
}

/** Metrics that are other than usual. */
export type MetricsPlan = Readonly<Partial<Record<MetricName, MetricPlan>>>;

interface MetricPlan {
  readonly off?: true;
  /** Label → CEL expression of its value, `null` for one that is left out. Sorted by label. */
  readonly labels?: Readonly<Record<string, string | null>>;
}

type Mode = "CLIENT" | "SERVER";

/** Key: JSON of `Telemetered`. */
export const metrics: Step<MetricsPlans> = {
  name: "plan/metrics",
  run: (scope, key) => {
    const { raw } = scope.ask(mesh, "");
    const said = telemetryOf(scope, JSON.parse(key) as Telemetered).flatMap((spec) => spec.metrics ?? []);
    const [client, server] = [planOf(raw, said, "CLIENT"), planOf(raw, said, "SERVER")];
    return { ...(client === undefined ? {} : { client }), ...(server === undefined ? {} : { server }) };
  },
};

/** Undefined where all is as usual. */
function planOf(raw: MeshConfigSpec, said: readonly TelemetryMetrics[], mode: Mode): MetricsPlan | undefined {
  // What Istio's charts write where nobody says otherwise.
  const fallback = raw.defaultProviders?.metrics ?? [prometheus];
  const counting = [...mergedByProvider(said, mode, fallback)]
    .filter(([name]) => isPrometheus(raw, name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const [found] = counting;
  const plan = found === undefined ? nothing : planFrom(found[1]);
  return Object.keys(plan).length === 0 ? undefined : plan;
}

const nothing: MetricsPlan = Object.fromEntries(allMetrics.map((name) => [name, { off: true }]));

/** The provider that every mesh has. */
const prometheus = "prometheus";

function isPrometheus({ extensionProviders = [] }: MeshConfigSpec, name: string): boolean {
  const found = extensionProviders.find((p) => p.name?.toLowerCase() === name.toLowerCase());
  return found === undefined ? name.toLowerCase() === prometheus : found.prometheus !== undefined;
}

/** Overrides of one provider, merged. */
interface Merged {
  /** All metrics were switched off, and nothing was said of any since: as in Istio whatever is said later brings them back. */
  allOff: boolean;
  readonly metrics: Map<MetricName, { off: boolean; labels: Record<string, string | null> }>;
}

/**
 * What is said of each provider that counts. Rules that name none are about those that the rule before them named; the last rule that names
 * providers decides which there are. Source: Istio's merging, rule by rule.
 */
function mergedByProvider(
  said: readonly TelemetryMetrics[],
  mode: Mode,
  fallback: readonly string[],
): ReadonlyMap<string, Merged> {
  if (said.length === 0) return new Map(fallback.map((name) => [name, unsaid()]));
  const present = new Set(said.map(names).findLast((named) => named.length > 0) ?? fallback);
  const found = new Map<string, Merged>();
  let before = fallback;
  for (const rule of said) {
    before = names(rule).length > 0 ? names(rule) : before;
    for (const name of before.filter((n) => present.has(n))) {
      const merged = found.get(name) ?? unsaid();
      found.set(name, merged);
      for (const override of rule.overrides ?? []) if (counts(override, mode)) add(merged, override);
    }
  }
  return found;
}

function unsaid(): Merged {
  return { allOff: false, metrics: new Map() };
}

function add(merged: Merged, { match, disabled, tagOverrides }: MetricsOverrides): void {
  const wanted = matched(match);
  if (wanted === allMetrics && disabled === true) {
    merged.allOff = true;
    return;
  }
  merged.allOff = false;
  const labels = Object.fromEntries(
    Object.entries(tagOverrides ?? {}).map(([name, { operation, value }]) => [
      name,
      operation === "REMOVE" ? null : (value ?? ""),
    ]),
  );
  for (const name of wanted) {
    const one = merged.metrics.get(name) ?? { off: false, labels: {} };
    merged.metrics.set(name, { off: disabled ?? one.off, labels: { ...one.labels, ...labels } });
  }
}

/** Which metrics an override is about. A custom metric is one of the standard ones, too, by its name with or without `istio_`; others nobody defines. */
function matched(match: MetricsOverrides["match"]): readonly MetricName[] {
  const { customMetric, metric = "ALL_METRICS" } = match ?? {};
  if (customMetric !== undefined) return allMetrics.filter((n) => n === customMetric || n === `istio_${customMetric}`);
  return metric === "ALL_METRICS" ? allMetrics : [standard[metric]];
}

function planFrom({ allOff, metrics: said }: Merged): MetricsPlan {
  if (allOff) return nothing;
  return Object.fromEntries(
    [...said].flatMap(([name, { off, labels }]): (readonly [MetricName, MetricPlan])[] => {
      if (off) return [[name, { off: true }]];
      const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
      return sorted.length === 0 ? [] : [[name, { labels: Object.fromEntries(sorted) }]];
    }),
  );
}

function counts({ match }: MetricsOverrides, mode: Mode): boolean {
  const said = match?.mode ?? "CLIENT_AND_SERVER";
  return said === "CLIENT_AND_SERVER" || said === mode;
}

function names({ providers }: TelemetryMetrics): readonly string[] {
  return (providers ?? []).map(({ name }) => name);
}
