import { scopedRoute } from "../../envoy/route/scope.ts";
import { routeConfiguration } from "../../envoy/route/table.ts";
import { RouteConfigurationSchema } from "../../gen/envoy/config/route/v3/route_pb.js";
import { ScopedRouteConfigurationSchema } from "../../gen/envoy/config/route/v3/scoped_route_pb.js";
import { catchAllKey, catchAllViewKey } from "../../plan/route/catch-all.ts";
import { outboundRouteKeys, routeTable } from "../../plan/route/outbound.ts";
import { routedPorts, scopeGroup, scopeGroups } from "../../plan/route/scopes.ts";
import { parseView, viewerOf } from "../../plan/view.ts";
import type { Step } from "../../track/scope.ts";
import type { ResourceSet, XdsResource } from "../../xds/resource.ts";
import { eagerness } from "../eager.ts";
import type { EagerPolicy } from "../eager-policy.ts";
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
      .ask(routedPorts, viewerOf(view))
      .map((port) => scope.ask(catchAllKey, catchAllViewKey(view, port)));
    return setOf([...tables, ...rest].map((k) => scope.ask(encodedTable, k)));
  },
  same: sameSet,
};

/** The same, where a table that is not there any more is answered with an empty one: requests wait for an answer. Key: `viewKey`. */
export const askedRouteSet: Step<ResourceSet> = {
  name: "discovery/askedRouteSet",
  run: (scope, key) => ({ ...scope.ask(routeSet, key), onDemand: emptyTables }),
  same: sameSet,
};

const emptyTables = {
  get(name: string): XdsResource {
    const table = routeConfiguration({ name, virtualHosts: [], origins: [] });
    return encoded(RouteConfigurationSchema, name, table, []);
  },
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

/** A scope in both forms: its table there from the start, and asked for. */
interface EitherScope {
  /** Of the service; `*` for a catch-all. */
  readonly host: string;
  readonly eager: XdsResource;
  readonly lazy: XdsResource;
}

/** Key: one of `scopeGroups`. */
const eitherScopes: Step<readonly EitherScope[]> = {
  name: "discovery/eitherScopes",
  run: (scope, key) =>
    scope.ask(scopeGroup, key).map((s) => {
      const made = (onDemand: boolean) => encoded(ScopedRouteConfigurationSchema, s.name, scopedRoute(s, onDemand), []);
      return { host: s.routeName.slice(s.routeName.indexOf("|") + 1), eager: made(false), lazy: made(true) };
    }),
};

/** The same, where tables of services that are not eager are asked for. Key: `policy|viewKey`. */
export const askedScopeSet: Step<ResourceSet> = {
  name: "discovery/askedScopeSet",
  run: (scope, key) => {
    const bar = key.indexOf("|");
    const view = key.slice(bar + 1);
    const isEager = eagerness(scope, key.slice(0, bar) as EagerPolicy, parseView(view));
    const all = scope.ask(scopeGroups, view).flatMap((k) => scope.ask(eitherScopes, k));
    return setOf(all.map((s) => (s.host === "*" || isEager(s.host) ? s.eager : s.lazy)));
  },
  same: sameSet,
};
