import type { HTTPRoute, RouteDestination } from "../../gen/istio/virtual-service.ts";
import type { Step } from "../../track/scope.ts";
import { meshRouteDestinations } from "../gateway-api/mesh-destinations.ts";
import { isMeshRouteGroup } from "../gateway-api/mesh-routes.ts";
import { type DestinationRef, destinationKey, destinationRef } from "./destination.ts";
import { virtualServiceRules } from "./rules.ts";
import { type SourceMentions, sourceMentions } from "./source.ts";

/**
 * What a VirtualService, or a group of Gateway API's routes, refers to. Key: `namespace/name`, or that of the group. An edit that does not change it
 * wakes no client's lookups.
 */
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
  early: true,
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
