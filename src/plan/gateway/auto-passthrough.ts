import type { Step } from "../../track/scope.ts";
import { type ClusterPlan, clusterPlan, serviceClusterKeys } from "../cluster/cluster.ts";
import { hostMatches } from "../host.ts";
import { visibleServices } from "../registry.ts";
import { parseView, viewerOf } from "../view.ts";
import type { GatewayRoutesKey } from "./routes.ts";
import type { GatewayServer } from "./server.ts";
import { gatewayServers } from "./servers.ts";

/** A cluster that hands on, and the one that calls the same, whose endpoints it has. */
export interface Passed {
  readonly plan: ClusterPlan;
  /** `key` of `clusterPlan`. */
  readonly from: { readonly key: string; readonly plan: ClusterPlan };
}

/**
 * Destinations that a router hands on by the server name that the mesh's own clients call them by
 * (`outbound_.9080_.v1_.reviews.default.svc.cluster.local`): their TLS goes through as it is. A cluster of that name for each port and subset of
 * the mesh's services. Key: JSON of `GatewayRoutesKey`; none where no server is AUTO_PASSTHROUGH.
 */
export const passedClusters: Step<readonly Passed[]> = {
  name: "plan/passedClusters",
  run: (scope, key) => {
    const { router, view: viewKey } = JSON.parse(key) as GatewayRoutesKey;
    const servers = scope.ask(gatewayServers, JSON.stringify(router)).filter(passesAll);
    if (servers.length === 0) return [];
    const view = parseView(viewKey);
    return scope.ask(visibleServices, viewerOf(view)).flatMap((service) => {
      if (service.external || !servers.some((server) => takes(server, service.host))) return [];
      return serviceClusterKeys(scope, view, service).flatMap((cluster) => {
        const plan = scope.ask(clusterPlan, cluster);
        return plan?.discovery.kind === "eds" ? [{ plan: passed(plan), from: { key: cluster, plan } }] : [];
      });
    });
  },
};

function passed({ unread: _, ...plan }: ClusterPlan): ClusterPlan {
  return {
    ...plan,
    name: `outbound_.${plan.port}_.${plan.subset}_.${plan.service.host}`,
    http: "tcp",
    tls: { kind: "none" },
  };
}

/** A server in TLS mode AUTO_PASSTHROUGH: of a router between networks. */
export function passesAll({ tls }: GatewayServer): boolean {
  return tls?.mode === "AUTO_PASSTHROUGH";
}

/** Whether a server hands a service on. */
export function takes(server: GatewayServer, host: string): boolean {
  return server.hosts.some((own) => hostMatches(own.host, host));
}
