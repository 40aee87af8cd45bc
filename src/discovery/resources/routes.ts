import { scopedRoute } from "../../envoy/route/scope.ts";
import { routeConfiguration } from "../../envoy/route/table.ts";
import { RouteConfigurationSchema } from "../../gen/envoy/config/route/v3/route_pb.js";
import { ScopedRouteConfigurationSchema } from "../../gen/envoy/config/route/v3/scoped_route_pb.js";
import { visibleServices } from "../../plan/registry.ts";
import { catchAllKey, catchAllViewKey } from "../../plan/route/catch-all.ts";
import { isRouted, outboundKey } from "../../plan/route/names.ts";
import { outboundRouteKey, routeTable } from "../../plan/route/outbound.ts";
import { routedPorts, routeScopes } from "../../plan/route/scopes.ts";
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

/** Outbound keys of all routed service ports of a view. Key: `viewKey`. */
const outboundKeys: Step<readonly string[]> = {
  name: "discovery/outboundKeys",
  run: (scope, key) => {
    const view = parseView(key);
    return scope
      .ask(visibleServices, view.namespace)
      .filter((service) => !service.host.startsWith("*"))
      .flatMap((service) =>
        service.ports.filter((p) => isRouted(p.protocol)).map((p) => outboundKey(view, p.number, service.host)),
      );
  },
};

/** Route configurations of a sidecar: one for each service and port, one for the rest of each port. Key: `viewKey`. */
export const routeSet: Step<ResourceSet> = {
  name: "discovery/routeSet",
  run: (scope, key) => {
    const view = parseView(key);
    const tables = scope.ask(outboundKeys, key).map((k) => scope.ask(outboundRouteKey, k));
    const rest = scope
      .ask(routedPorts, view.namespace)
      .map((port) => scope.ask(catchAllKey, catchAllViewKey(view, port)));
    return setOf([...tables, ...rest].map((k) => (k === undefined ? undefined : scope.ask(encodedTable, k))));
  },
  same: sameSet,
};

/** Which route configuration a Host and port choose. Key: `viewKey`. */
export const scopeSet: Step<ResourceSet> = {
  name: "discovery/scopeSet",
  run: (scope, key) =>
    setOf(scope.ask(routeScopes, key).map((s) => encoded(ScopedRouteConfigurationSchema, s.name, scopedRoute(s), []))),
};
