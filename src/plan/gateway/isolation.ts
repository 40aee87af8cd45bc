import { bySpecificity, hostMatches } from "../host.ts";
import { type GatewayServer, isPlainHttp, isTerminatedHttp } from "./server.ts";

/**
 * Listeners of Gateway API that requests of these servers' port are told apart by: a request belongs to the listener whose hostname fits it
 * best, and to no other, whatever routes the others have. Source: gateway-api.sigs.k8s.io/reference/spec/#listener, `hostname`.
 */
export function listenersBeside(
  own: readonly GatewayServer[],
  all: readonly GatewayServer[],
): readonly GatewayServer[] {
  const [first] = own;
  if (first === undefined) return [];
  return all.filter(
    (other) =>
      other.takes === "Route" &&
      other.listen === first.listen &&
      (isPlainHttp(first) ? isPlainHttp(other) : isTerminatedHttp(other)),
  );
}

/** Whether a server is the one that requests for a host belong to. */
export function owns(server: GatewayServer, host: string, listeners: readonly GatewayServer[]): boolean {
  if (server.takes !== "Route") return true;
  const fitting = listeners.filter((listener) => hostMatches(hostOf(listener), host));
  const best = fitting.map(hostOf).sort(bySpecificity)[0];
  return best === undefined || best === hostOf(server);
}

function hostOf(server: GatewayServer): string {
  return server.hosts[0]?.host ?? "*";
}
