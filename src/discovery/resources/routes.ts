import { scopedRoute } from "../../envoy/route/scope.ts";
import { routeConfiguration } from "../../envoy/route/table.ts";
import { RouteConfigurationSchema } from "../../gen/envoy/config/route/v3/route_pb.js";
import { ScopedRouteConfigurationSchema } from "../../gen/envoy/config/route/v3/scoped_route_pb.js";
import { catchAllKey, catchAllViewKey } from "../../plan/route/catch-all.ts";
import { outboundRouteKeys, routeTable } from "../../plan/route/outbound.ts";
import { routedPorts, scopeGroup, scopeGroups } from "../../plan/route/scopes.ts";
import { parseView } from "../../plan/view.ts";
import type { Step } from "../../track/scope.ts";
import type { ResourceSet, XdsResource } from "../../xds/resource.ts";
import { encoded, sameResource, sameSet, setOf } from "./encoded.ts";

/** Key: that of `routeTable`. */
const encodedTable: Step<XdsResource> = {
  name: "discovery/routeTable",
  run: (scope, key) => {
    const table = scope.ask(routeTable, key);
    return encoded(RouteConfigurationSchema, table.name, routeConfiguration(table), table.origins);
  },
  same: sameResource,
};

/** Route configurations of a sidecar: one for each service and port, one for the rest of each port. Key: `viewKey`. */
export const routeSet: Step<ResourceSet> = {
  name: "discovery/routeSet",
  run: (scope, key) => {
    const view = parseView(key);
    const tables = scope.ask(outboundRouteKeys, key);
    const rest = scope
      .ask(routedPorts, view.namespace)
      .map((port) => scope.ask(catchAllKey, catchAllViewKey(view, port)));
    return setOf([...tables, ...rest].map((k) => scope.ask(encodedTable, k)));
  },
  same: sameSet,
};

/** Key: one of `scopeGroups`. */
const encodedScopes: Step<readonly XdsResource[]> = {
  name: "discovery/scopes",
  run: (scope, key) =>
    scope.ask(scopeGroup, key).map((s) => encoded(ScopedRouteConfigurationSchema, s.name, scopedRoute(s), [])),
};

/** Which route configuration a Host and port choose; of two scopes with one key, the group that comes first counts. Key: `viewKey`. */
export const scopeSet: Step<ResourceSet> = {
  name: "discovery/scopeSet",
  run: (scope, key) => setOf(scope.ask(scopeGroups, key).flatMap((k) => scope.ask(encodedScopes, k))),
  same: sameSet,
};
