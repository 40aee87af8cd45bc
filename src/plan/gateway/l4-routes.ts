import type { Scope } from "../../track/scope.ts";
import { listenerConnections } from "../gateway-api/l4-routes.ts";
import { exportedTo } from "../registry/visibility.ts";
import type { DestinationRef } from "../route/destination.ts";
import { reach } from "../route/reach.ts";
import { virtualServiceRules } from "../route/rules.ts";
import { virtualServiceEntries } from "../route/selection.ts";
import { type TcpRoute, tcpRoutes, tlsRoutes } from "../route/tcp-routes.ts";
import type { View } from "../view.ts";
import { contextOf } from "./attached.ts";
import { type GatewayServer, sharedHosts } from "./server.ts";

/** Where some of a server's connections go. */
export interface L4Route {
  readonly destinations: TcpRoute["destinations"];
  /** Server names of TLS that tell them apart; empty is any. */
  readonly serverHosts: readonly string[];
  /** Where the server name leads, and not one cluster for all. */
  readonly byName?: TcpRoute["byName"];
  readonly origins: readonly string[];
}

/** What the objects say that route the connections of a server: `tls` by their server names, `tcp` all alike. */
export function l4Routes(scope: Scope, server: GatewayServer, view: View, kind: "tls" | "tcp"): readonly L4Route[] {
  const byNameOf = (destination: DestinationRef) => reach(scope, view, destination, server.port).byName;
  const context = { ...contextOf(scope, server, view), byNameOf };
  if (server.takes === "Route")
    return listenerConnections(scope, server.listener ?? "", context).map(({ hosts, ...rest }) => ({
      ...rest,
      serverHosts: hosts,
    }));
  return scope.ask(virtualServiceEntries, "").flatMap((entry) => {
    if (!entry.gateways.includes(server.gateway) || !exportedTo(entry.exportTo, entry.namespace, view.namespace))
      return [];
    const hosts = sharedHosts(entry.hosts, entry.namespace, server);
    const rules = hosts.length === 0 ? undefined : scope.ask(virtualServiceRules, entry.key);
    if (rules === undefined) return [];
    const routes = kind === "tls" ? tlsRoutes(rules, context) : tcpRoutes(rules, context);
    return routes.map(({ destinations, sniHosts, byName }) => ({
      destinations,
      ...(byName === undefined ? {} : { byName }),
      serverHosts: kind === "tls" ? sniHosts : hosts,
      origins: rules.origins,
    }));
  });
}
