import type { Scope, Step } from "../../track/scope.ts";
import { blackHoleCluster } from "../cluster-name.ts";
import { bySpecificity } from "../host.ts";
import { mesh } from "../mesh.ts";
import { exportedTo } from "../registry/visibility.ts";
import { httpRoutes, type RouteContext } from "../route/http-routes.ts";
import { reach } from "../route/reach.ts";
import { virtualServiceRules } from "../route/rules.ts";
import { virtualServiceEntries } from "../route/selection.ts";
import type { HttpRoute, RouteTable, VirtualHost } from "../route/table.ts";
import { parseView, type View } from "../view.ts";
import type { RouterKey } from "./selection.ts";
import {
  type GatewayServer,
  gatewayServers,
  gatewayTableName,
  isPlainHttp,
  isTerminatedHttp,
  sharedHosts,
} from "./server.ts";

/** A router as a client of the mesh. */
export interface GatewayRoutesKey {
  readonly router: RouterKey;
  /** `viewKey`. */
  readonly view: string;
}

/** Route configurations of a router: one for each plain HTTP port, one for each server that ends TLS. Key: JSON of `GatewayRoutesKey`. */
export const gatewayTables: Step<readonly RouteTable[]> = {
  name: "plan/gatewayTables",
  run: (scope, key) => {
    const { router, view } = JSON.parse(key) as GatewayRoutesKey;
    const groups = new Map<string, GatewayServer[]>();
    for (const server of scope.ask(gatewayServers, JSON.stringify(router))) {
      if (!isPlainHttp(server) && !isTerminatedHttp(server)) continue;
      const name = gatewayTableName(server);
      groups.set(name, [...(groups.get(name) ?? []), server]);
    }
    return [...groups].map(([name, servers]) => table(scope, name, servers, parseView(view)));
  },
};

interface Draft {
  readonly routes: HttpRoute[];
  requireTls: boolean;
}

function table(scope: Scope, name: string, servers: readonly GatewayServer[], view: View): RouteTable {
  const byHost = new Map<string, Draft>();
  const origins = new Set(servers.map((s) => s.at));
  const draft = (host: string): Draft => {
    const found = byHost.get(host) ?? { routes: [], requireTls: false };
    byHost.set(host, found);
    return found;
  };
  for (const server of servers) {
    const context = contextOf(scope, server, view);
    const redirects = server.tls?.httpsRedirect === true;
    for (const entry of scope.ask(virtualServiceEntries, "")) {
      if (!entry.gateways.includes(server.gateway) || !exportedTo(entry.exportTo, entry.namespace, view.namespace))
        continue;
      const hosts = sharedHosts(entry.hosts, entry.namespace, server);
      const rules = hosts.length === 0 ? undefined : scope.ask(virtualServiceRules, entry.key);
      if (rules === undefined) continue;
      const routes = httpRoutes(rules, context);
      for (const at of rules.origins) origins.add(at);
      for (const host of hosts) {
        draft(host).routes.push(...routes);
        if (redirects) draft(host).requireTls = true;
      }
    }
    if (redirects) for (const { host } of server.hosts) draft(host).requireTls = true;
  }
  const port = servers[0]?.port ?? 0;
  return {
    name,
    virtualHosts: [...byHost].sort(([a], [b]) => bySpecificity(a, b)).map(([host, d]) => virtualHost(host, port, d)),
    origins: [...origins],
  };
}

function virtualHost(host: string, port: number, { routes, requireTls }: Draft): VirtualHost {
  return { name: `${host}:${port}`, domains: [host], routes, ...(requireTls ? { requireTls } : {}) };
}

/** How a router resolves the destinations of rules. */
export function contextOf(scope: Scope, server: GatewayServer, view: View): RouteContext {
  const reached = (destination: Parameters<RouteContext["clusterOf"]>[0]) =>
    reach(scope, view, destination, server.port);
  return {
    gateways: [server.gateway],
    port: server.port,
    tls: isTerminatedHttp(server),
    source: { namespace: view.namespace, labels: view.labels },
    defaultRetry: scope.ask(mesh, "").raw.defaultHttpRetryPolicy,
    clusterOf: (destination) => reached(destination)?.cluster ?? blackHoleCluster,
    hashPoliciesOf: (destination) => reached(destination)?.hash ?? [],
    isExternal: (destination) => reached(destination)?.external === true,
  };
}
