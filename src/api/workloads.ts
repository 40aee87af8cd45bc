import { addBuckets, quantile } from "../store/histogram.ts";
import type { TrafficSummary, Workload } from "./contract/workloads.ts";
import type { MeasuredEdge } from "./edges.ts";
import { workloadHealth } from "./health.ts";
import { proxyState } from "./proxy-state.ts";
import type { Member } from "./roster.ts";

/** The list of workloads with how they fare. */
export function workloadsOf(edges: readonly MeasuredEdge[], roster: ReadonlyMap<string, Member>): Workload[] {
  const inbound = Map.groupBy(edges, (e) => e.target);
  const outbound = Map.groupBy(edges, (e) => e.source);
  return [...roster.values()].map((member) =>
    workload(member, inbound.get(member.id) ?? [], outbound.get(member.id) ?? []),
  );
}

function workload(member: Member, inbound: readonly MeasuredEdge[], outbound: readonly MeasuredEdge[]): Workload {
  const { id, namespace, name, app, version, kind, serviceAccount, desired, pods, proxies } = member;
  return {
    id,
    namespace,
    name,
    app,
    version,
    kind,
    serviceAccount,
    ...workloadHealth(member, inbound),
    replicas: {
      desired,
      ready: pods.length > 0 ? pods.filter((p) => p.ready).length : proxies.filter((p) => p.connected).length,
    },
    inbound: summaryOf(received(member, inbound, outbound)),
    outbound: summaryOf(outbound),
    proxies: proxies.map((status) =>
      proxyState(
        status,
        pods.find((p) => p.name === status.proxy.name && p.namespace === status.proxy.namespace),
      ),
    ),
  };
}

/** What a workload was sent. What comes from outside is reported by nobody but the gateway itself, where it sends it on. */
export function received(
  { kind }: Pick<Member, "kind">,
  inbound: readonly MeasuredEdge[],
  outbound: readonly MeasuredEdge[],
): readonly MeasuredEdge[] {
  return kind === "gateway" && inbound.length === 0 ? outbound : inbound;
}

/** Some edges together: their rates added, their latencies merged before the percentile is taken. */
export function summaryOf(edges: readonly MeasuredEdge[]): TrafficSummary {
  const count = edges.reduce((n, e) => n + e.count, 0);
  const latencies = edges.flatMap((e) => (e.latency ? [e.latency] : []));
  const [first, ...others] = latencies;
  const p95 = first ? quantile(0.95, others.reduce(addBuckets, first)) : undefined;
  return {
    rate: edges.reduce((n, e) => n + e.rate, 0),
    errorShare: count > 0 ? edges.reduce((n, e) => n + e.errors, 0) / count : 0,
    ...(p95 === undefined ? {} : { p95 }),
  };
}
