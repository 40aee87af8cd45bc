import { scopedRoute } from "../../envoy/route/scope.ts";
import { routeConfiguration } from "../../envoy/route/table.ts";
import { RouteConfigurationSchema } from "../../gen/envoy/config/route/v3/route_pb.js";
import { ScopedRouteConfigurationSchema } from "../../gen/envoy/config/route/v3/scoped_route_pb.js";
import { proxyTableName } from "../../plan/cluster-name.ts";
import type { HttpSettings } from "../../plan/proxy/http-settings.ts";
import { catchAllKey, catchAllViewKey } from "../../plan/route/catch-all.ts";

import { outboundRouteKeys, routeTable, tableNameOf } from "../../plan/route/outbound.ts";
import { proxyTable } from "../../plan/route/proxy-table.ts";

import { routedPorts, scopeGroup, scopeGroups } from "../../plan/route/scopes.ts";
import type { RouteTable } from "../../plan/route/table.ts";
import { egressListeners } from "../../plan/sidecar/egress.ts";
import { parseView, viewerOf } from "../../plan/view.ts";
import { PartedMap, partOf } from "../../std/parted-map.ts";
import type { Scope, Step } from "../../track/scope.ts";
import type { ResourceSet, XdsResource } from "../../xds/resource.ts";
import { eagerness } from "../eager.ts";
import type { EagerPolicy } from "../eager-policy.ts";
import { encoded, sameMap, sameResource, sameSet, setOf } from "./encoded.ts";

/** The key of `routeSet`: `viewKey`, and before it what the proxy's own settings change in its routes. */
export function routeSetKey(view: string, { attemptCount, forwardedHost }: HttpSettings = {}): string {
  return `${attemptCount === false ? "a" : ""}${forwardedHost === true ? "h" : ""}${view}`;
}

/** Both parts of such a key, or of one of a table: what follows is JSON. */
function apart(key: string): readonly [string, string] {
  const start = key.indexOf("{");
  return [key.slice(0, start), key.slice(start)];
}

/** Key: that of `routeTable`, and before it what stands before `viewKey` in `routeSetKey`. */
const encodedTable: Step<XdsResource> = {
  name: "discovery/routeTable",
  run: (scope, key) => {
    const [words, tableKey] = apart(key);
    return withWords(words, scope.ask(routeTable, tableKey));
  },
  same: sameResource,
};

function withWords(words: string, table: RouteTable): XdsResource {
  const headers: HttpSettings = {
    ...(words.includes("a") ? { attemptCount: false } : {}),
    ...(words.includes("h") ? { forwardedHost: true } : {}),
  };
  return encoded(RouteConfigurationSchema, table.name, routeConfiguration(table, headers), table.origins);
}

/** Key: that of `routeSetKey`. */
const encodedProxyTable: Step<XdsResource> = {
  name: "discovery/proxyTable",
  run: (scope, key) => {
    const [words, viewKey] = apart(key);
    return withWords(words, scope.ask(proxyTable, viewKey));
  },
  same: sameResource,
};

/** A large mesh's tables stand in so many parts, so that an edit of one looks at its part alone. */
const parts = 128;

/** Keys of `routeTable` by part. Key: `viewKey`. */
const tableKeys: Step<readonly (readonly string[])[]> = {
  name: "discovery/tableKeys",
  run: (scope, viewKey) => {
    const view = parseView(viewKey);
    const rest = scope
      .ask(routedPorts, viewerOf(view))
      .map((port) => scope.ask(catchAllKey, catchAllViewKey(view, port)));
    const all = [...scope.ask(outboundRouteKeys, viewKey), ...rest];
    const byPart = Map.groupBy(all, (key) => partOf(tableNameOf(key), parts));
    return Array.from({ length: parts }, (_, part) => byPart.get(part) ?? []);
  },
};

/** Whether some listener of a view's Sidecar is asked as a proxy is. */
function isAskedAsProxy(scope: Scope, viewKey: string): boolean {
  return scope.ask(egressListeners, viewerOf(parseView(viewKey))).some((l) => l.proxy || l.port?.number === 0);
}

/** One part of the tables; of two with one name the first counts. Key: `part|routeSetKey`. */
const tablePart: Step<ReadonlyMap<string, XdsResource>> = {
  name: "discovery/tablePart",
  run: (scope, key) => {
    const bar = key.indexOf("|");
    const [words, viewKey] = apart(key.slice(bar + 1));
    const part = Number(key.slice(0, bar));
    const keys = scope.ask(tableKeys, viewKey)[part] ?? [];
    const proxy = part === partOf(proxyTableName, parts) && isAskedAsProxy(scope, viewKey);
    const own = proxy ? [scope.ask(encodedProxyTable, key.slice(bar + 1))] : [];
    return setOf([...own, ...keys.map((k) => scope.ask(encodedTable, `${words}${k}`))]).resources;
  },
  same: sameMap,
};

/** Route configurations of a sidecar: one for each service and port, one for the rest of each port. Key: `routeSetKey`. */
export const routeSet: Step<ResourceSet> = {
  name: "discovery/routeSet",
  run: (scope, key) => ({
    resources: new PartedMap(Array.from({ length: parts }, (_, part) => scope.ask(tablePart, `${part}|${key}`))),
  }),
  same: sameSet,
};

/** The same, where a table that is not there any more is answered with an empty one: requests wait for an answer. Key: `routeSetKey`. */
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
