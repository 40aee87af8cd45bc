import { types } from "../../model/types.ts";
import type { Scope } from "../../track/scope.ts";
import { bySpecificity, hostMatches } from "../host.ts";
import type { RouteContext } from "../route/http-routes.ts";
import type { HttpRoute } from "../route/table.ts";
import { type AttachedRoute, attachedTo, parseRouteKey } from "./attachments.ts";
import { mergedRoutes } from "./http-routes.ts";
import { gatewayRoute, gatewayRouteKey } from "./rules.ts";

/** HTTP routes of one host of a listener. */
export interface ListenerHost {
  readonly host: string;
  readonly routes: readonly HttpRoute[];
  readonly origins: readonly string[];
}

/**
 * What the HTTPRoutes and GRPCRoutes at a listener say, host by host. Rules for a narrower host come first, but what they leave is taken by
 * those for a wider one. Source: gateway-api.sigs.k8s.io/reference/spec/#httproutespec, `hostnames`.
 */
export function listenerHosts(scope: Scope, listener: string, context: RouteContext): readonly ListenerHost[] {
  const attached = scope.ask(attachedTo, listener).filter(({ route }) => isHttpRoute(route));
  const hosts = [...new Set(attached.flatMap((a) => a.hosts))].sort(bySpecificity);
  return hosts.map((host) => {
    const levels = hosts.filter((wider) => hostMatches(wider, host));
    const taken = new Set<string>();
    const found = levels.flatMap((level) => {
      const here = attached.filter((a) => a.hosts.includes(level) && !taken.has(a.route));
      for (const { route } of here) taken.add(route);
      return [routesOf(scope, here, context)];
    });
    return {
      host,
      routes: found.flatMap((f) => f.routes),
      origins: [...new Set(found.flatMap((f) => f.origins))],
    };
  });
}

function isHttpRoute(route: string): boolean {
  const { type } = parseRouteKey(route);
  return type === types.HttpRoute || type === types.GrpcRoute;
}

function routesOf(scope: Scope, attached: readonly AttachedRoute[], context: RouteContext): Omit<ListenerHost, "host"> {
  const routes = attached.flatMap(
    ({ route }) => scope.ask(gatewayRoute, gatewayRouteKey("gateway", parseRouteKey(route))) ?? [],
  );
  return { routes: mergedRoutes(routes, context), origins: routes.map((r) => r.at) };
}
