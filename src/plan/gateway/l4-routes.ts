import type { Scope } from "../../track/scope.ts";
import { listenerConnections } from "../gateway-api/l4-routes.ts";
import type { DestinationRef } from "../route/destination.ts";
import { reach } from "../route/reach.ts";
import { type TcpRoute, tcpRoutes, tlsRoutes } from "../route/tcp-routes.ts";
import type { View } from "../view.ts";
import { contextOf, virtualServicesOf } from "./attached.ts";
import type { GatewayServer } from "./server.ts";

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
  const routed =
    server.takes === "Route"
      ? listenerConnections(scope, server.listener ?? "", context).map(({ hosts, ...rest }) => ({
          ...rest,
          serverHosts: hosts,
        }))
      : [];
  const said = virtualServicesOf(scope, server, view).flatMap(({ hosts, rules }) => {
    const routes = kind === "tls" ? tlsRoutes(rules, context) : tcpRoutes(rules, context);
    return routes.map(({ destinations, sniHosts, byName }) => ({
      destinations,
      ...(byName === undefined ? {} : { byName }),
      serverHosts: kind === "tls" ? sniHosts : hosts,
      origins: rules.origins,
    }));
  });
  return [...routed, ...said];
}
