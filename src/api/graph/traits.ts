import { fullHost } from "../../model/full-host.ts";
import type { Resource } from "../../model/resource.ts";
import { all, type Snapshot } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import type { Trait } from "../contract/graph.ts";
import type { Member } from "../roster.ts";

/** What configuration says of nodes of the graph. */
export interface Traits {
  /** By the full host of a service, or a host outside. */
  readonly hosts: ReadonlyMap<string, ReadonlySet<Trait>>;
  /** By the id of a workload: those of the services that select it. */
  readonly workloads: ReadonlyMap<string, ReadonlySet<Trait>>;
  /** Hosts of ServiceEntries: which object has each. */
  readonly entries: ReadonlyMap<string, string>;
}

/** Reads badges off VirtualServices, Gateway API routes, DestinationRules, ServiceEntries and WorkloadEntries. */
export function traitsOf(snapshot: Snapshot, roster: ReadonlyMap<string, Member>, domain: string): Traits {
  const hosts = new Map<string, Set<Trait>>();
  const say = (host: string, ...traits: readonly Trait[]) => {
    const known = hosts.get(host) ?? new Set();
    for (const trait of traits) known.add(trait);
    hosts.set(host, known);
  };
  for (const route of all(snapshot, types.VirtualService)) virtualService(route, domain, say);
  for (const type of [types.HttpRoute, types.GrpcRoute, types.TcpRoute, types.TlsRoute])
    for (const route of all(snapshot, type)) gatewayRoute(route, domain, say);
  const breakers = new Map<string, Breaker[]>();
  for (const rule of all(snapshot, types.DestinationRule)) destinationRule(rule, domain, say, breakers);
  const entries = new Map<string, string>();
  for (const entry of all(snapshot, types.ServiceEntry)) {
    for (const host of (entry.spec as { hosts?: readonly string[] }).hosts ?? []) {
      entries.set(host, `${entry.namespace}/${entry.name}`);
      say(host, "serviceEntry");
    }
  }
  return { hosts, workloads: onWorkloads(snapshot, roster, domain, hosts, breakers), entries };
}

type Say = (host: string, ...traits: readonly Trait[]) => void;

interface Route {
  readonly route?: readonly unknown[];
  readonly fault?: object;
  readonly mirror?: object;
  readonly mirrors?: readonly object[];
  readonly timeout?: string;
}

function virtualService({ spec, namespace }: Resource, domain: string, say: Say): void {
  const { hosts = [], http = [], tcp = [], tls = [] } = spec as Record<string, readonly never[]>;
  const traits = new Set<Trait>(["virtualService"]);
  if ([...http, ...tcp, ...tls].some((r: Route) => (r.route?.length ?? 0) > 0)) traits.add("requestRouting");
  if (http.some((r: Route) => (r.route?.length ?? 0) > 1)) traits.add("trafficShifting");
  if ([...tcp, ...tls].some((r: Route) => (r.route?.length ?? 0) > 1)) traits.add("tcpTrafficShifting");
  for (const route of http as readonly Route[]) {
    if (route.fault) traits.add("faultInjection");
    if (route.mirror || route.mirrors?.length) traits.add("mirroring");
    if (route.timeout) traits.add("requestTimeout");
  }
  for (const host of hosts) say(fullHost(host, namespace, domain), ...traits);
}

interface GatewayRule {
  readonly backendRefs?: readonly { readonly name?: string; readonly namespace?: string }[];
  readonly filters?: readonly { readonly type?: string }[];
  readonly timeouts?: object;
}

/** A route of Gateway API speaks of the services that it hangs on, or those that it leads to from a gateway. */
function gatewayRoute({ spec, namespace, type }: Resource, domain: string, say: Say): void {
  const { parentRefs = [], rules = [] } = spec as {
    readonly parentRefs?: readonly { readonly kind?: string; readonly name?: string; readonly namespace?: string }[];
    readonly rules?: readonly GatewayRule[];
  };
  const http = type === types.HttpRoute || type === types.GrpcRoute;
  const traits = new Set<Trait>();
  if (rules.some((r) => (r.backendRefs?.length ?? 0) > 0)) traits.add("requestRouting");
  if (rules.some((r) => (r.backendRefs?.length ?? 0) > 1)) traits.add(http ? "trafficShifting" : "tcpTrafficShifting");
  if (rules.some((r) => r.filters?.some((f) => f.type === "RequestMirror"))) traits.add("mirroring");
  if (rules.some((r) => r.timeouts)) traits.add("requestTimeout");
  const parents = parentRefs.filter((p) => p.kind === "Service");
  const named = parents.length > 0 ? parents : rules.flatMap((r) => r.backendRefs ?? []);
  for (const { name = "", namespace: other } of named) say(`${name}.${other ?? namespace}.svc.${domain}`, ...traits);
}

/** A circuit breaker of some versions of a service. */
interface Breaker {
  readonly labels: Readonly<Record<string, string>>;
}

interface Policy {
  readonly connectionPool?: object;
  readonly outlierDetection?: object;
}

function destinationRule(
  { spec, namespace }: Resource,
  domain: string,
  say: Say,
  breakers: Map<string, Breaker[]>,
): void {
  const {
    host = "",
    trafficPolicy,
    subsets = [],
  } = spec as {
    readonly host?: string;
    readonly trafficPolicy?: Policy;
    readonly subsets?: readonly { readonly labels?: Record<string, string>; readonly trafficPolicy?: Policy }[];
  };
  const breaks = (policy?: Policy) => policy?.connectionPool !== undefined || policy?.outlierDetection !== undefined;
  const full = fullHost(host, namespace, domain);
  const found = breaks(trafficPolicy)
    ? [{ labels: {} }]
    : subsets.filter((s) => breaks(s.trafficPolicy)).map((s) => ({ labels: s.labels ?? {} }));
  if (found.length === 0) return;
  say(full, "circuitBreaker");
  breakers.set(full, [...(breakers.get(full) ?? []), ...found]);
}

/** A workload has what is said of the services that select it; a circuit breaker of a subset is for its versions alone. */
function onWorkloads(
  snapshot: Snapshot,
  roster: ReadonlyMap<string, Member>,
  domain: string,
  hosts: ReadonlyMap<string, ReadonlySet<Trait>>,
  breakers: ReadonlyMap<string, readonly Breaker[]>,
): ReadonlyMap<string, ReadonlySet<Trait>> {
  const found = new Map<string, Set<Trait>>();
  const byLabel = Map.groupBy(
    [...roster.values()].flatMap((member) => Object.entries(member.labels).map((label) => ({ member, label }))),
    ({ member, label: [key, value] }) => `${member.namespace} ${key}=${value}`,
  );
  for (const service of all(snapshot, types.Service)) {
    const host = `${service.name}.${service.namespace}.svc.${domain}`;
    const traits = hosts.get(host);
    const selector = Object.entries((service.spec as { selector?: Record<string, string> }).selector ?? {});
    const [first] = selector;
    if (traits === undefined || first === undefined) continue;
    for (const { member } of byLabel.get(`${service.namespace} ${first[0]}=${first[1]}`) ?? []) {
      if (!selector.every(([key, value]) => member.labels[key] === value)) continue;
      const broken = (breakers.get(host) ?? []).some((b) =>
        Object.entries(b.labels).every(([key, value]) => member.labels[key] === value),
      );
      const known = found.get(member.id) ?? new Set();
      for (const trait of traits) if (trait !== "circuitBreaker" || broken) known.add(trait);
      found.set(member.id, known);
    }
  }
  for (const entry of all(snapshot, types.WorkloadEntry)) {
    const { labels = {} } = entry.spec as { labels?: Record<string, string> };
    for (const { member } of byLabel.get(`${entry.namespace} app=${labels["app"]}`) ?? [])
      if (member.pods.length === 0) found.set(member.id, (found.get(member.id) ?? new Set()).add("workloadEntry"));
  }
  return found;
}
