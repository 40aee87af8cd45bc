import { configObjects } from "../config-list.ts";
import type { ServiceItem } from "../contract/inventory.ts";
import type { Overview, ServiceRank } from "../contract/overview.ts";
import { domainOf } from "../domain.ts";
import type { MeasuredEdge } from "../edges.ts";
import { parseNodeId } from "../ends.ts";
import { workloadHealth } from "../health.ts";
import type { Member } from "../roster.ts";
import type { MeshState } from "../state.ts";
import { summaryOf } from "../workloads.ts";
import { applicationsOf } from "./applications.ts";
import { gatewaysOf } from "./gateways.ts";
import { countsOf, namespacesOf } from "./namespaces.ts";
import { servicesOf } from "./services.ts";

const most = 5;

/** The mesh in sums, of some namespaces or (where none is named) of all. */
export function overviewOf(
  state: MeshState,
  roster: ReadonlyMap<string, Member>,
  edges: readonly MeasuredEdge[],
  asked: { readonly at: number; readonly namespaces: ReadonlySet<string> },
): Overview {
  const { at, namespaces } = asked;
  const within = <T extends { readonly namespace: string }>(all: readonly T[]) =>
    namespaces.size === 0 ? all : all.filter((one) => namespaces.has(one.namespace));
  const snapshot = state.snapshot();
  const into = Map.groupBy(edges, (e) => e.target);
  const members = within([...roster.values()]);
  const services = within(servicesOf(snapshot, roster, edges, domainOf(state)));
  const received = edges.filter((e) => namespaces.size === 0 || namespaces.has(parseNodeId(e.target).namespace));
  const objects = within(configObjects(state));
  const levels = Map.groupBy(
    objects.flatMap((o) => o.diagnostics),
    (d) => d.level,
  );
  return {
    at,
    namespaces: countsOf(
      namespacesOf(state, roster, edges).filter((n) => namespaces.size === 0 || namespaces.has(n.name)),
    ),
    applications: countsOf(within(applicationsOf(roster, edges))),
    services: countsOf(services),
    workloads: countsOf(members.map((m) => workloadHealth(m, into.get(m.id) ?? []))),
    gateways: countsOf(within(gatewaysOf(snapshot, roster, edges))),
    traffic: {
      ...summaryOf(received.filter((e) => e.protocol !== "tcp")),
      ...securityOf(received),
      tcpBytes: tcpOf(received),
    },
    config: {
      objects: objects.length,
      errors: levels.get("Error")?.length ?? 0,
      warnings: levels.get("Warning")?.length ?? 0,
      infos: levels.get("Info")?.length ?? 0,
    },
    first: firstOf(services),
  };
}

/** Share of the requests between workloads that went through mutual TLS; absent where there were none. */
function securityOf(edges: readonly MeasuredEdge[]): { mtlsShare?: number } {
  const inside = edges.filter((e) => parseNodeId(e.source).type === "workload" && e.rate > 0);
  const all = inside.reduce((n, e) => n + e.rate, 0);
  return all > 0 ? { mtlsShare: inside.reduce((n, e) => n + e.rate * e.mtlsShare, 0) / all } : {};
}

function tcpOf(edges: readonly MeasuredEdge[]): number {
  return edges
    .filter((e) => e.protocol === "tcp")
    .reduce((n, e) => n + (e.bytesSentRate ?? 0) + (e.bytesReceivedRate ?? 0), 0);
}

function firstOf(services: readonly ServiceItem[]): Overview["first"] {
  const by = (figure: (s: ServiceItem) => number) =>
    services
      .filter((s) => figure(s) > 0)
      .toSorted((a, b) => figure(b) - figure(a))
      .slice(0, most)
      .map(({ namespace, name, health, inbound }): ServiceRank => ({ namespace, name, health, ...inbound }));
  return {
    busiest: by((s) => s.inbound.rate),
    failing: by((s) => s.inbound.rate * s.inbound.errorShare),
    slowest: by((s) => s.inbound.p95 ?? 0),
  };
}
