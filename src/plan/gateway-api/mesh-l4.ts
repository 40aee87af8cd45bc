import type { TLSRouteSpec } from "../../gen/gateway-api/tls-route.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope } from "../../track/scope.ts";
import { hostMatches } from "../host.ts";
import type { L4Routes, TcpContext, TcpRoute } from "../route/tcp-routes.ts";
import { l4Destinations } from "./l4-destinations.ts";
import { groupHost, membersAt } from "./mesh-routes.ts";

/** The TCP and TLS routes of a group for a client and port. */
export function meshL4Routes(scope: Scope, key: string, context: TcpContext): L4Routes {
  const found = membersAt(scope, key, context.port).flatMap((ref) => {
    const resource = isL4(ref.type) ? scope.get<TLSRouteSpec>(ref) : undefined;
    return resource === undefined ? [] : [resource];
  });
  const sorted = found.toSorted((a, b) => a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1));
  const of = (type: string) =>
    sorted.filter((r) => r.type === type).flatMap((r) => routesOf(scope, r, groupHost(key), context));
  return { tcp: of(types.TcpRoute), tls: of(types.TlsRoute), origins: sorted.map((r) => r.origin.at) };
}

function isL4(type: string): boolean {
  return type === types.TcpRoute || type === types.TlsRoute;
}

function routesOf(
  scope: Scope,
  { type, namespace, name, spec }: Resource<TLSRouteSpec>,
  host: string,
  context: TcpContext,
): readonly TcpRoute[] {
  const ref = { type, namespace, name };
  const sniHosts = serverNames(spec.hostnames ?? [], host);
  if (sniHosts === undefined) return [];
  return spec.rules.map((rule, index) => ({
    destinationSubnets: [],
    sniHosts,
    destinations: l4Destinations(scope, { from: ref, inMesh: true }, rule.backendRefs, context.clusterOf),
    origin: { ref, path: ["spec", "rules", index] },
  }));
}

/** Those of a route that may be its parent's, as in Istio; none said is any. Undefined where all are for others. */
function serverNames(hostnames: readonly string[], host: string): readonly string[] | undefined {
  const fitting = hostnames.map((h) => h.toLowerCase()).filter((h) => hostMatches(h, host) || hostMatches(host, h));
  return fitting.length === 0 && hostnames.length > 0 ? undefined : fitting;
}
