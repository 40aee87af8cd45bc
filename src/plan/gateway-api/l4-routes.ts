import type { TCPRouteSpec } from "../../gen/gateway-api/tcp-route.ts";
import { types } from "../../model/types.ts";
import type { Scope } from "../../track/scope.ts";
import type { RouteContext } from "../route/http-routes.ts";
import type { TcpRoute } from "../route/tcp-routes.ts";
import { attachedTo, parseRouteKey } from "./attachments.ts";
import { l4Destinations } from "./l4-destinations.ts";

/** Connections of a listener that go one way. */
export interface ListenerConnections {
  /** Server names that are told apart by; `*` is any. */
  readonly hosts: readonly string[];
  readonly destinations: TcpRoute["destinations"];
  readonly origins: readonly string[];
}

/**
 * What the TLSRoutes and TCPRoutes at a listener say, the oldest first: of two for one server name, or for plain TCP, the older counts. A backend
 * that is not there or may not be named gets its share all the same: its connections are closed.
 */
export function listenerConnections(
  scope: Scope,
  listener: string,
  context: RouteContext,
): readonly ListenerConnections[] {
  const found = scope.ask(attachedTo, listener).flatMap(({ route, hosts }) => {
    const ref = parseRouteKey(route);
    if (ref.type !== types.TlsRoute && ref.type !== types.TcpRoute) return [];
    const resource = scope.get<TCPRouteSpec>(ref);
    return resource === undefined ? [] : [{ resource, ref, hosts }];
  });
  const sorted = found.toSorted(
    (a, b) => a.resource.createdAt - b.resource.createdAt || (nameOf(a.ref) < nameOf(b.ref) ? -1 : 1),
  );
  return sorted.map(({ resource, ref, hosts }) => ({
    hosts,
    // Of the one rule that the schema lets such a route have.
    destinations: l4Destinations(
      scope,
      { from: ref, inMesh: false },
      resource.spec.rules[0]?.backendRefs ?? [],
      context.clusterOf,
    ),
    origins: [resource.origin.at],
  }));
}

function nameOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
