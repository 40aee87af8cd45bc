import type { TCPRouteSpec } from "../../gen/gateway-api/tcp-route.ts";
import type { Ref } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope, Step } from "../../track/scope.ts";
import type { DestinationRef } from "../route/destination.ts";
import { backendOf, isFault } from "./backend.ts";
import { allMembers } from "./mesh-routes.ts";
import { gatewayRoute, gatewayRouteKey } from "./rules.ts";

/** Services that the routes of a group send requests, connections and copies to. Key: of the group. */
export const meshRouteDestinations: Step<readonly DestinationRef[]> = {
  name: "plan/meshRouteDestinations",
  run: (scope, key) =>
    allMembers(scope, key).flatMap((route) =>
      route.type === types.TcpRoute || route.type === types.TlsRoute
        ? ofConnections(scope, route)
        : ofRequests(scope, route),
    ),
};

function ofRequests(scope: Scope, route: Ref): readonly DestinationRef[] {
  const rules = scope.ask(gatewayRoute, gatewayRouteKey("mesh", route))?.rules ?? [];
  return rules.flatMap(({ filters, backends }) => [
    ...backends.flatMap((b) => b.to ?? []),
    ...[filters, ...backends.map((b) => b.filters)].flatMap((f) => f.mirrors.map((m) => m.destination)),
  ]);
}

function ofConnections(scope: Scope, from: Ref): readonly DestinationRef[] {
  const rules = scope.get<TCPRouteSpec>(from)?.spec.rules ?? [];
  const all = rules.flatMap((rule) => rule.backendRefs).map((said) => backendOf(scope, { from, inMesh: true }, said));
  return all.flatMap((found) => (isFault(found) ? [] : [found]));
}
