import type { ServerTLSSettings } from "../../gen/istio/gateway.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { virtualServiceRules } from "../route/rules.ts";
import { virtualServiceEntries } from "../route/selection.ts";
import { type TcpRoute, tcpRoutes, tlsRoutes } from "../route/tcp-routes.ts";
import { parseView, type View } from "../view.ts";
import { contextOf, type GatewayRoutesKey } from "./routes.ts";
import {
  type GatewayServer,
  gatewayServers,
  gatewayTableName,
  isPlainHttp,
  isTerminatedHttp,
  sharedHosts,
} from "./server.ts";

/** A port that a router listens on. */
export interface GatewayListener {
  readonly address: string;
  readonly port: number;
  readonly chains: readonly GatewayChain[];
  readonly origins: readonly string[];
}

/** What becomes of some of a listener's connections. */
export type GatewayChain =
  | {
      readonly kind: "http";
      readonly table: string;
      readonly serverNames: readonly string[];
      readonly tls?: ServerTLSSettings;
    }
  | {
      readonly kind: "tcp";
      readonly route: TcpRoute;
      readonly serverNames: readonly string[];
      readonly tls?: ServerTLSSettings;
    };

/** Listeners of a router. Servers of one port share a listener: plain HTTP as one, TLS apart by its server name. Key: JSON of `GatewayRoutesKey`. */
export const gatewayListeners: Step<readonly GatewayListener[]> = {
  name: "plan/gatewayListeners",
  run: (scope, key) => {
    const { router, view } = JSON.parse(key) as GatewayRoutesKey;
    const byPort = new Map<string, GatewayServer[]>();
    for (const server of scope.ask(gatewayServers, JSON.stringify(router))) {
      const at = `${server.bind || "0.0.0.0"}_${server.listen}`;
      byPort.set(at, [...(byPort.get(at) ?? []), server]);
    }
    return [...byPort.values()].flatMap((servers) => {
      const [first] = servers;
      if (first === undefined) return [];
      const chains = distinct(servers.flatMap((server) => chainsOf(scope, server, parseView(view))));
      if (chains.length === 0) return [];
      return [
        {
          address: first.bind || "0.0.0.0",
          port: first.listen,
          chains,
          origins: [...new Set(servers.map((s) => s.at))],
        },
      ];
    });
  },
};

function chainsOf(scope: Scope, server: GatewayServer, view: View): readonly GatewayChain[] {
  const tls = server.tls === undefined ? {} : { tls: server.tls };
  if (isPlainHttp(server)) return [{ kind: "http", table: gatewayTableName(server), serverNames: [] }];
  const names = server.hosts.map((h) => h.host);
  if (isTerminatedHttp(server))
    return [{ kind: "http", table: gatewayTableName(server), serverNames: serverNames(names), ...tls }];
  const passthrough = server.tls?.mode === "PASSTHROUGH";
  return l4Routes(scope, server, view, passthrough ? "tls" : "tcp").map(({ route, hosts }) => ({
    kind: "tcp" as const,
    route,
    serverNames: server.tls === undefined ? [] : serverNames(passthrough ? route.sniHosts : hosts),
    ...(server.tls === undefined || passthrough ? {} : tls),
  }));
}

function l4Routes(
  scope: Scope,
  server: GatewayServer,
  view: View,
  kind: "tls" | "tcp",
): readonly { route: TcpRoute; hosts: readonly string[] }[] {
  const context = contextOf(scope, server, view);
  return scope.ask(virtualServiceEntries, "").flatMap((entry) => {
    const hosts = entry.gateways.includes(server.gateway) ? sharedHosts(entry.hosts, entry.namespace, server) : [];
    const rules = hosts.length === 0 ? undefined : scope.ask(virtualServiceRules, entry.key);
    if (rules === undefined) return [];
    return (kind === "tls" ? tlsRoutes(rules, context) : tcpRoutes(rules, context)).map((route) => ({ route, hosts }));
  });
}

/** SNIs as Envoy matches them; `*` is any, which is no match at all. */
function serverNames(hosts: readonly string[]): readonly string[] {
  return hosts.includes("*") ? [] : [...new Set(hosts)];
}

/** A proxy refuses a listener with two chains for the same connections: the first, of the oldest Gateway, counts. */
function distinct(chains: readonly GatewayChain[]): readonly GatewayChain[] {
  const taken = new Set<string>();
  return chains.flatMap((chain) => {
    const tls = chain.tls !== undefined || chain.serverNames.length > 0;
    if (chain.serverNames.length === 0) {
      const key = tls ? "tls" : "plain";
      return taken.has(key) ? [] : (taken.add(key), [chain]);
    }
    const names = chain.serverNames.filter((name) => !taken.has(name));
    for (const name of names) taken.add(name);
    return names.length === 0 ? [] : [{ ...chain, serverNames: names }];
  });
}
