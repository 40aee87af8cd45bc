import type { Step } from "../../track/scope.ts";
import { proxyTableName } from "../cluster-name.ts";
import { outboundPolicy } from "../outbound-policy.ts";
import { serviceFor } from "../registry.ts";
import { fullNames, shortNames, withPort } from "../service-names.ts";
import { sidecarOrigins } from "../sidecar/egress.ts";
import { parseView, viewerOf } from "../view.ts";
import { unknownHosts } from "./catch-all.ts";
import { outboundRouteKeys, routeTable } from "./outbound.ts";
import type { RouteTable, VirtualHost } from "./table.ts";

/**
 * Routes of all that a view sees, chosen by a Host with its port: for listeners that are asked as an HTTP proxy is, and sockets. Full names count
 * before the short ones of others. Key: `viewKey`. Source: istio.io/latest/docs/reference/config/networking/sidecar (HTTP_PROXY, unix sockets)
 */
export const proxyTable: Step<RouteTable> = {
  name: "plan/proxyTable",
  run: (scope, key) => {
    const view = parseView(key);
    const tables = scope.ask(outboundRouteKeys, key).map((k) => scope.ask(routeTable, k));
    const taken = new Set<string>();
    const hosts = new Map<VirtualHost, string[]>();
    for (const names of [fullNames, shortNames])
      for (const { name, scope: host = "", virtualHosts } of tables) {
        const service = scope.ask(serviceFor, `${viewerOf(view)}|${host}`);
        const [first] = virtualHosts;
        if (service === undefined || first === undefined) continue;
        const all = names(service, service.namespace === view.namespace);
        const port = Number(name.slice(0, name.indexOf("|")));
        const only = service.ports.length === 1 ? all : [];
        const free = [...all.flatMap((n) => withPort(n, port)), ...only].filter((n) => !taken.has(n));
        for (const domain of free) taken.add(domain);
        hosts.set(first, [...(hosts.get(first) ?? []), ...new Set(free)]);
      }
    const known = [...hosts].filter(([, d]) => d.length > 0).map(([host, domains]) => ({ ...host, domains }));
    return {
      name: proxyTableName,
      byPort: true,
      virtualHosts: [...known, unknownHosts(scope.ask(outboundPolicy, key))],
      origins: [...scope.ask(sidecarOrigins, view.sidecar ?? ""), ...new Set(tables.flatMap((t) => t.origins))],
    };
  },
};
