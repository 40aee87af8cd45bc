import type { L4MatchAttributes, RouteDestination, TLSMatchAttributes } from "../../gen/istio/virtual-service.ts";
import { type DestinationRef, type WeightedDestination, weightedDestinations } from "./destination.ts";
import type { VirtualServiceRules } from "./rules.ts";
import { appliesTo, type Source } from "./source.ts";
import type { RouteOrigin } from "./table.ts";

/** Where connections go. */
export interface TcpRoute {
  /** CIDRs of the called address; empty is any. */
  readonly destinationSubnets: readonly string[];
  /** Of TLS routes: the SNIs; empty is any. */
  readonly sniHosts: readonly string[];
  readonly destinations: readonly WeightedDestination[];
  /** They go to the server name that their TLS calls, at this port. */
  readonly byName?: number;
  readonly origin: RouteOrigin;
}

export interface TcpContext {
  readonly gateways: readonly string[];
  readonly port: number;
  readonly source: Source;
  clusterOf(destination: DestinationRef): string;
  byNameOf(destination: DestinationRef): number | undefined;
}

type L4Rule = {
  readonly match?: readonly (L4MatchAttributes | TLSMatchAttributes)[];
  readonly route?: readonly RouteDestination[];
};

/** TCP routes of a VirtualService that hold for this client and port, in order, up to the first that takes everything. */
export function tcpRoutes(rules: VirtualServiceRules, context: TcpContext): readonly TcpRoute[] {
  return l4Routes(rules.tcp, "tcp", rules, context);
}

/** The same of its TLS routes, which are told apart by SNI. */
export function tlsRoutes(rules: VirtualServiceRules, context: TcpContext): readonly TcpRoute[] {
  return l4Routes(rules.tls, "tls", rules, context);
}

function l4Routes(
  said: readonly L4Rule[],
  kind: "tcp" | "tls",
  { ref }: VirtualServiceRules,
  context: TcpContext,
): readonly TcpRoute[] {
  const routes: TcpRoute[] = [];
  for (const [index, rule] of said.entries()) {
    for (const match of rule.match?.length ? rule.match : [undefined]) {
      if (!appliesTo(match, context)) continue;
      const destinations = weightedDestinations(rule.route ?? [], context.clusterOf);
      const port = destinations[0] && context.byNameOf(destinations[0]);
      const route: TcpRoute = {
        destinationSubnets: [...(match?.destinationSubnets ?? [])],
        sniHosts: match !== undefined && "sniHosts" in match ? match.sniHosts.map((h) => h.toLowerCase()) : [],
        destinations,
        ...(port === undefined ? {} : { byName: port }),
        origin: { ref, path: ["spec", kind, index] },
      };
      routes.push(route);
      if (route.destinationSubnets.length === 0 && route.sniHosts.length === 0) return routes;
    }
  }
  return routes;
}

/** TCP and TLS routes of a service's port for a view. */
export interface L4Routes {
  readonly tcp: readonly TcpRoute[];
  readonly tls: readonly TcpRoute[];
  readonly origins: readonly string[];
}
