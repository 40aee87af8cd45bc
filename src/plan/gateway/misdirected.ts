import { anyRequest } from "../route/match.ts";
import type { HttpRoute } from "../route/table.ts";
import { type GatewayServer, gatewayTableName, isTerminatedHttp } from "./server.ts";

/**
 * Hosts that other servers of the same port end TLS for. HTTP/2 lets a client reuse a connection for every host that its certificate covers:
 * here such a request is told by 421 to come on a connection of its own, where 404 would deny a host that is served. `own` share one table.
 * Source: RFC 9110, 15.5.20.
 */
export function misdirectedHosts(own: readonly GatewayServer[], all: readonly GatewayServer[]): readonly string[] {
  const [first] = own;
  if (first === undefined || !isTerminatedHttp(first)) return [];
  const table = gatewayTableName(first);
  const mine = new Set(own.flatMap((server) => server.hosts.map(({ host }) => host)));
  const theirs = all.flatMap((other) => {
    const beside = isTerminatedHttp(other) && other.listen === first.listen && other.bind === first.bind;
    return beside && gatewayTableName(other) !== table ? other.hosts.map(({ host }) => host) : [];
  });
  return [...new Set(theirs)].filter((host) => !mine.has(host)).sort();
}

/** The answer to a request for one of them. */
export const misdirectedRoute: HttpRoute = {
  name: "misdirected",
  match: anyRequest,
  action: { kind: "directResponse", status: 421 },
  operation: "misdirected",
};
