import type { Step } from "../../track/scope.ts";
import { judged } from "../endpoint.ts";
import { endpointsKey } from "../registry/endpoints.ts";
import { arrange, inSubset, isAddress, isComplete, type LocalityGroup } from "./arrangement.ts";
import { type ClusterPlan, clusterPlan, parseClusterKey, subsetLabels } from "./cluster.ts";
import { type ClientPlace, placeFor } from "./locality.ts";
import { endpointsWithMtls } from "./mtls.ts";

/** Where a cluster's endpoints are, for clients of one place. */
export interface EndpointsPlan {
  /** Name of the cluster. */
  readonly cluster: string;
  readonly localities: readonly LocalityGroup[];
  /** As in `ClusterPlan`. */
  readonly undivided?: boolean;
}

/** The key of `clusterEndpoints`: of clients that see the same endpoints in the same order it is the same. */
export function clusterEndpointsKey(key: string, plan: ClusterPlan, client: ClientPlace): string {
  return JSON.stringify({ key, place: placeFor(plan.locality, client) });
}

/**
 * Whether endpoints that are not ready are told too: by their share a client knows when a nearer place cannot take all. Not where a minimal
 * share of health opens the way to all endpoints: then nobody may learn of these. Source: Istio's PILOT_AUTO_SEND_UNHEALTHY_ENDPOINTS.
 */
export function countsUnready({ locality, outlier }: Pick<ClusterPlan, "locality" | "outlier">): boolean {
  return locality?.failover !== undefined && (outlier?.minHealthPercent ?? 0) === 0;
}

/** Endpoints of an EDS cluster: those of its subset that are ready. Key: `clusterEndpointsKey`. */
export const clusterEndpoints: Step<EndpointsPlan> = {
  name: "plan/clusterEndpoints",
  run: (scope, key) => {
    const { key: clusterKey, place } = JSON.parse(key) as { key: string; place: ClientPlace };
    const { service, port } = parseClusterKey(clusterKey);
    const plan = scope.ask(clusterPlan, clusterKey);
    if (plan === undefined) return { cluster: "", localities: [] };
    if (plan.tls.kind === "closed") return { cluster: plan.name, localities: [] };
    const all = scope.ask(endpointsWithMtls, endpointsKey(service, port));
    const own = inSubset(all, scope.ask(subsetLabels, clusterKey)).filter((e) => isComplete(e) && isAddress(e.address));
    const told = judged(own).filter((e) => e.healthy || countsUnready(plan));
    const localities = arrange(told, plan.locality, place);
    return { cluster: plan.name, localities, ...(plan.undivided ? { undivided: true } : {}) };
  },
};
