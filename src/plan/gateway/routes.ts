import type { Scope, Step } from "../../track/scope.ts";
import { bySpecificity } from "../host.ts";
import type { HttpRoute, RouteTable, VirtualHost } from "../route/table.ts";
import { parseView, type View } from "../view.ts";
import { attachedRoutes } from "./attached.ts";
import { listenersBeside, owns } from "./isolation.ts";
import { misdirectedHosts, misdirectedRoute } from "./misdirected.ts";
import type { RouterKey } from "./selection.ts";
import { type GatewayServer, gatewayTableName, isPlainHttp, isTerminatedHttp, speaksHttp3 } from "./server.ts";
import { gatewayServers } from "./servers.ts";

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
    const all = scope.ask(gatewayServers, JSON.stringify(router));
    for (const server of all) {
      if (!isPlainHttp(server) && !isTerminatedHttp(server)) continue;
      const name = gatewayTableName(server);
      groups.set(name, [...(groups.get(name) ?? []), server]);
    }
    return [...groups].map(([name, servers]) => table(scope, name, { servers, all }, parseView(view)));
  },
};

interface Draft {
  readonly routes: HttpRoute[];
  /** Come after the routes of all servers. */
  readonly rest: HttpRoute[];
  requireTls: boolean;
}

interface Servers {
  /** Those that share the table. */
  readonly servers: readonly GatewayServer[];
  /** Those of the router. */
  readonly all: readonly GatewayServer[];
}

function table(scope: Scope, name: string, { servers, all }: Servers, view: View): RouteTable {
  const byHost = new Map<string, Draft>();
  const origins = new Set(servers.map((s) => s.at));
  const draft = (host: string): Draft => {
    const found = byHost.get(host) ?? { routes: [], rest: [], requireTls: false };
    byHost.set(host, found);
    return found;
  };
  const peers = listenersBeside(servers, all);
  for (const server of servers) {
    if (peers.length > 1 && peers.includes(server)) for (const { host } of server.hosts) draft(host);
    const redirects = server.tls?.httpsRedirect === true;
    for (const { hosts, routes, rest = [], origins: from } of attachedRoutes(scope, server, view)) {
      for (const at of from) origins.add(at);
      for (const host of hosts) {
        if (!owns(server, host, peers)) continue;
        draft(host).routes.push(...routes);
        draft(host).rest.push(...rest);
        if (redirects) draft(host).requireTls = true;
      }
    }
    if (redirects) for (const { host } of server.hosts) draft(host).requireTls = true;
  }
  for (const host of misdirectedHosts(servers, all)) {
    if (!byHost.has(host)) draft(host).routes.push(misdirectedRoute);
  }
  const port = servers[0]?.port ?? 0;
  return {
    name,
    virtualHosts: [...byHost]
      .sort(([a], [b]) => bySpecificity(a, b))
      .map(([host, d]) => ({ ...virtualHost(host, port, d), ...(servers.some(speaksHttp3) ? { http3: port } : {}) })),
    origins: [...origins],
  };
}

function virtualHost(host: string, port: number, { routes, rest, requireTls }: Draft): VirtualHost {
  return {
    name: `${host}:${port}`,
    domains: [host],
    routes: [...routes, ...rest],
    ...(requireTls ? { requireTls } : {}),
  };
}
