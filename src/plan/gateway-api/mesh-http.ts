import type { Scope } from "../../track/scope.ts";
import type { RouteContext } from "../route/http-routes.ts";
import type { HttpRoute } from "../route/table.ts";
import { mergedRoutes } from "./http-routes.ts";
import { membersAt } from "./mesh-routes.ts";
import { gatewayRoute, gatewayRouteKey } from "./rules.ts";

/** The http routes of a group for a client and port; none where no route is for that port. */
export function meshHttpRoutes(
  scope: Scope,
  key: string,
  context: RouteContext,
): { readonly routes: readonly HttpRoute[]; readonly origins: readonly string[] } {
  const routes = membersAt(scope, key, context.port).flatMap(
    (route) => scope.ask(gatewayRoute, gatewayRouteKey("mesh", route)) ?? [],
  );
  return { routes: mergedRoutes(routes, context), origins: routes.map((route) => route.at) };
}
