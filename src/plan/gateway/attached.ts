import type { Scope } from "../../track/scope.ts";
import { blackHoleCluster } from "../cluster-name.ts";
import { listenerHosts } from "../gateway-api/listener-routes.ts";
import { ingressHosts, ingressRoutes } from "../ingress/routes.ts";
import { mesh } from "../mesh.ts";
import { exportedTo } from "../registry/visibility.ts";
import { fallback } from "../route/fallback-lookup.ts";
import { httpRoutes, type RouteContext } from "../route/http-routes.ts";
import { reach } from "../route/reach.ts";
import { virtualServiceRules } from "../route/rules.ts";
import { virtualServiceEntries } from "../route/selection.ts";
import type { HttpRoute } from "../route/table.ts";
import type { View } from "../view.ts";
import { type GatewayServer, gatewayNames, isTerminatedHttp, sharedHosts } from "./server.ts";

/** HTTP routes that hold for hosts of a server. */
export interface Attached {
  readonly hosts: readonly string[];
  readonly routes: readonly HttpRoute[];
  /** For what no route of any object takes. */
  readonly rest?: readonly HttpRoute[];
  readonly origins: readonly string[];
}

/** What the objects say that route the requests of a server. */
export function attachedRoutes(scope: Scope, server: GatewayServer, view: View): readonly Attached[] {
  const context = contextOf(scope, server, view);
  if (server.takes === "Ingress") return ofIngresses(scope, server, context);
  const said = ofVirtualServices(scope, server, view, context);
  if (server.takes === "VirtualService") return said;
  const routed = listenerHosts(scope, server.listener ?? "", context);
  return [...routed.map(({ host, ...rest }) => ({ ...rest, hosts: [host] })), ...said];
}

function ofVirtualServices(
  scope: Scope,
  server: GatewayServer,
  view: View,
  context: RouteContext,
): readonly Attached[] {
  return virtualServicesOf(scope, server, view).map(({ hosts, rules }) => ({
    hosts,
    routes: httpRoutes(rules, context),
    origins: rules.origins,
  }));
}

/** VirtualServices that name a server's Gateway, with the hosts that both have; the oldest first. */
export function virtualServicesOf(scope: Scope, server: GatewayServer, view: View) {
  const names = gatewayNames(server);
  return scope.ask(virtualServiceEntries, "").flatMap((entry) => {
    if (!names.some((name) => entry.gateways.includes(name))) return [];
    if (!exportedTo(entry.exportTo, entry.namespace, view.namespace)) return [];
    const hosts = sharedHosts(entry.hosts, entry.namespace, server);
    const rules = hosts.length === 0 ? undefined : scope.ask(virtualServiceRules, entry.key);
    return rules === undefined ? [] : [{ hosts, rules }];
  });
}

function ofIngresses(scope: Scope, server: GatewayServer, context: RouteContext): readonly Attached[] {
  return scope.ask(ingressHosts, "").flatMap(({ host, gateway, rules, rest, origins }) => {
    if (gateway !== server.gateway) return [];
    const hosts = sharedHosts([host], "", server);
    return [{ hosts, routes: ingressRoutes(rules, context), rest: ingressRoutes(rest, context), origins }];
  });
}

/** How a router resolves the destinations of rules. */
export function contextOf(scope: Scope, server: GatewayServer, view: View): RouteContext {
  const reached = (destination: Parameters<RouteContext["clusterOf"]>[0]) =>
    reach(scope, view, destination, server.port);
  return {
    gateways: gatewayNames(server),
    port: server.port,
    tls: isTerminatedHttp(server),
    source: { namespace: view.namespace, labels: view.labels },
    defaultRetry: scope.ask(mesh, "").raw.defaultHttpRetryPolicy,
    clusterOf: (destination) => reached(destination)?.cluster ?? blackHoleCluster,
    sessionOf: (destination) => reached(destination)?.session,
    hashPoliciesOf: (destination) => reached(destination)?.hash ?? [],
    isExternal: (destination) => reached(destination)?.external === true,
    fallbackOf: (destination) => fallback(scope, reached(destination)?.fallback),
  };
}
