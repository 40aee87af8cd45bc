import type { HTTPRoute, RouteDestination } from "../../gen/istio/virtual-service.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { destinationRuleFor, destinationRuleKey } from "../cluster/destination-rule.ts";
import { blackHoleCluster, clusterName } from "../cluster-name.ts";
import { isMeshRouteGroup, meshRouteDestinations } from "../gateway-api/mesh-routes.ts";
import { serviceFor } from "../registry.ts";
import type { Service } from "../service.ts";
import type { View } from "../view.ts";
import { type DestinationRef, destinationKey, destinationRef } from "./destination.ts";
import { type HashPolicy, hashPolicies } from "./hash-policy.ts";
import { virtualServiceRules } from "./rules.ts";
import { type SourceMentions, sourceMentions } from "./source.ts";

/** Where a destination leads from a namespace. */
export interface Reach {
  readonly cluster: string;
  /** Outside of the mesh. */
  readonly external?: boolean;
  readonly hash: readonly HashPolicy[];
  /** DestinationRules that the hash comes from. */
  readonly rules: readonly string[];
}

/** What a VirtualService, or a group of Gateway API's routes, refers to. Key: `namespace/name`, or that of the group. An edit that does not change it wakes no client's lookups. */
export const virtualServiceMentions: Step<{
  readonly destinations: readonly DestinationRef[];
  readonly source: SourceMentions;
}> = {
  name: "plan/virtualServiceMentions",
  run: (scope, key) => {
    if (isMeshRouteGroup(key)) return { destinations: distinct(scope.ask(meshRouteDestinations, key)), source: anyone };
    const rules = scope.ask(virtualServiceRules, key);
    if (rules === undefined) return { destinations: [], source: anyone };
    const named = rules.http.flatMap(({ http }) => httpDestinations(http));
    const l4: readonly RouteDestination[] = [...rules.tcp, ...rules.tls].flatMap((r) => r.route ?? []);
    const refs = [...named, ...l4.map((r) => r.destination)].map(destinationRef);
    return { destinations: distinct(refs), source: sourceMentions(rules) };
  },
};

const anyone: SourceMentions = { labels: [], namespaces: [] };

function distinct(refs: readonly DestinationRef[]): readonly DestinationRef[] {
  return [...new Map(refs.map((ref) => [destinationKey(ref), ref])).values()];
}

function httpDestinations(http: HTTPRoute) {
  return [
    ...(http.route ?? []).map((r) => r.destination),
    ...(http.mirror ? [http.mirror] : []),
    ...(http.mirrors ?? []).map((m) => m.destination),
  ];
}

/** Where a destination leads for a view when `port` was called. */
export function reach(scope: Scope, view: View, destination: DestinationRef, port: number): Reach {
  const nowhere = { cluster: blackHoleCluster, hash: [], rules: [] };
  const service = concreteService(scope, view.namespace, destination.host);
  if (service === undefined) return nowhere;
  const number = destination.port ?? (service.ports.length === 1 ? service.ports[0]?.number : port);
  if (number === undefined || !service.ports.some((p) => p.number === number && p.protocol !== "udp")) return nowhere;
  const rule = scope.ask(destinationRuleFor, destinationRuleKey(view, service));
  if (destination.subset !== "" && rule?.subsets.has(destination.subset) !== true) return nowhere;
  const hash = hashPolicies(rule, destination.subset, number);
  return {
    cluster: clusterName("outbound", number, destination.subset, service.host),
    ...(service.external ? { external: true } : {}),
    hash,
    rules: hash.length === 0 ? [] : (rule?.refs ?? []).map((r) => `${r.namespace}/${r.name}`),
  };
}

/** The service that a host means; an alias stands for the service of the mesh that it names, if that is one. */
export function concreteService(scope: Scope, namespace: string, host: string): Service | undefined {
  const service = scope.ask(serviceFor, `${namespace}|${host}`);
  if (service?.alias === undefined) return service;
  return scope.ask(serviceFor, `${namespace}|${service.alias.toLowerCase()}`) ?? service;
}
