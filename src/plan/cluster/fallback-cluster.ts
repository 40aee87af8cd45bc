import type { Scope, Step } from "../../track/scope.ts";
import { clusterName } from "../cluster-name.ts";
import { serviceFor } from "../registry.ts";
import { concreteService, destinationCluster } from "../route/destination-cluster.ts";
import type { Service } from "../service.ts";
import { parseView, type View, viewerOf } from "../view.ts";
import { type ClusterPlan, clusterPlan, serviceClusterKeys, sharedClusterKey } from "./cluster.ts";
import { fallbackFor, fallbackSays } from "./fallback.ts";

/** Several clusters as one: the first of them that has a healthy endpoint gets the traffic. */
export interface FallbackCluster {
  /** `fallback|9080|v1|reviews.default.svc.cluster.local`. */
  readonly name: string;
  /** At least two, each with what it has for itself: endpoints, TLS, limits. */
  readonly clusters: readonly string[];
  /** The first of them: what telemetry calls the service. */
  readonly first: Pick<ClusterPlan, "service" | "port" | "subset" | "pool">;
  readonly origins: readonly string[];
}

/** What a Fallback makes of a destination: by whom, and the cluster, if there is somebody to fall back to. */
export interface FallbackReach {
  /** `namespace/name`. */
  readonly by: string;
  readonly cluster?: string;
  /** How many there are beside the first. */
  readonly others: number;
}

/** Where a destination's Fallback leads; undefined where there is none. */
export function fallbackReach(
  scope: Scope,
  view: View,
  service: Service,
  port: number,
  subset: string,
): FallbackReach | undefined {
  const by = fallbackFor(scope, view, { host: service.host, namespace: service.namespace, subset });
  if (by === undefined) return undefined;
  const others = otherClusters(scope, view, by, clusterName("outbound", port, subset, service.host), port).length;
  const first = scope.ask(clusterPlan, sharedClusterKey(scope, view, service, port, subset));
  const possible = others > 0 && first !== undefined && isMember(first);
  return { by, others: possible ? others : 0, ...(possible ? { cluster: nameOf(first) } : {}) };
}

/** Whether it may be one of several: one that goes where the connection was going has no endpoints of its own. */
function isMember({ discovery: { kind } }: ClusterPlan): boolean {
  return kind !== "original-dst" && kind !== "forward-proxy";
}

function nameOf(first: Pick<ClusterPlan, "name">): string {
  return first.name.replace(/^outbound\|/, "fallback|");
}

/** The clusters after the first, of the destinations that there are. What they in turn fall back to is not followed: there is no circle. */
function otherClusters(scope: Scope, view: View, by: string, first: string, called: number): readonly string[] {
  const found = (scope.ask(fallbackSays, by)?.spec.destinations ?? []).flatMap(({ host, subset = "", port }) => {
    const number = port?.number;
    const reached = destinationCluster(scope, view, { host, subset, ...(number ? { port: number } : {}) }, called);
    if (reached === undefined) return [];
    const service = concreteService(scope, viewerOf(view), host);
    const plan = service && scope.ask(clusterPlan, sharedClusterKey(scope, view, service, reached.port, subset));
    return plan !== undefined && isMember(plan) ? [reached.name] : [];
  });
  return [...new Set(found)].filter((name) => name !== first);
}

/** Of a service, those of its clusters that have a Fallback. Key: `host|viewKey`. */
export const fallbackClusters: Step<readonly FallbackCluster[]> = {
  name: "plan/fallbackClusters",
  run: (scope, key) => {
    const bar = key.indexOf("|");
    const [host, view] = [key.slice(0, bar), parseView(key.slice(bar + 1))];
    const service = scope.ask(serviceFor, `${viewerOf(view)}|${host}`);
    if (service === undefined) return [];
    return serviceClusterKeys(scope, view, service).flatMap((clusterKey) => {
      const first = scope.ask(clusterPlan, clusterKey);
      return first === undefined ? [] : made(scope, view, service, first);
    });
  },
};

function made(scope: Scope, view: View, service: Service, first: ClusterPlan): readonly FallbackCluster[] {
  const reached = fallbackReach(scope, view, service, first.port, first.subset);
  if (reached?.cluster === undefined) return [];
  const at = scope.ask(fallbackSays, reached.by)?.at;
  const { pool, port, subset } = first;
  return [
    {
      name: reached.cluster,
      clusters: [first.name, ...otherClusters(scope, view, reached.by, first.name, port)],
      first: { service: first.service, port, subset, pool },
      origins: [...(at === undefined ? [] : [at]), ...first.origins],
    },
  ];
}
