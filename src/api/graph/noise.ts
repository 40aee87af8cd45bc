import type { AccessEntry } from "../../model/access.ts";
import type { MeasuredEdge } from "../edges.ts";
import { parseNodeId, workloadId } from "../ends.ts";
import type { Member } from "../roster.ts";

/** Apps that look at others' metrics, by their canonical names or those of their charts. */
const collectors =
  /^(prometheus|prometheus-(server|agent|operated)|kube-prometheus.*|vmagent|victoria-metrics.*|grafana-(agent|alloy)|alloy|otel.*collector|opentelemetry-collector|datadog(-agent)?|newrelic.*|kube-state-metrics|metrics-server|blackbox-exporter|prometheus-blackbox-exporter)$/;

/** Paths of probes and scrapes, where nobody says other ones. */
const usual =
  /^\/(metrics|stats\/prometheus|healthz?|health\/(ready|live)|readyz?|livez?|-\/(healthy|ready)|app-health\/.*)$/;

/**
 * Marks the edges on which nothing flows but scrapes and probes: those of a collector of metrics that nothing calls, and those of callers without a name
 * of which proxies told requests, all of them for such paths.
 */
export function withNoise(
  edges: readonly MeasuredEdge[],
  roster: ReadonlyMap<string, Member>,
  access: readonly AccessEntry[],
): readonly MeasuredEdge[] {
  const probed = onlyProbed(access);
  return edges.map((edge) => (isNoise(edge, roster, probed) ? { ...edge, noise: true } : edge));
}

function isNoise(edge: MeasuredEdge, roster: ReadonlyMap<string, Member>, probed: ReadonlySet<string>): boolean {
  if (edge.protocol === "tcp") return false;
  if (edge.source === "unknown") return probed.has(edge.target);
  const { type, name } = parseNodeId(edge.source);
  const app = roster.get(edge.source)?.app ?? edge.apps?.source?.app ?? name;
  return type === "workload" && collectors.test(app.toLowerCase());
}

/** Workloads whose callers without an identity were all heard to ask for such paths. */
function onlyProbed(access: readonly AccessEntry[]): ReadonlySet<string> {
  const nameless = access.filter((e) => e.what === "call" && e.source.identity === undefined && e.protocol === "http");
  const byTarget = Map.groupBy(nameless, (e) => workloadId(e.destination.namespace, e.destination.workload));
  const probes = (entries: readonly AccessEntry[]) => entries.every((e) => e.path !== undefined && usual.test(e.path));
  return new Set([...byTarget].flatMap(([id, entries]) => (probes(entries) ? [id] : [])));
}
