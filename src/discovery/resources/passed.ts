import { cluster } from "../../envoy/cluster/cluster.ts";
import { loadAssignment } from "../../envoy/cluster/endpoints.ts";
import type { Local } from "../../envoy/local.ts";
import { ClusterSchema } from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { ClusterLoadAssignmentSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_pb.js";
import { clusterEndpoints, clusterEndpointsKey } from "../../plan/cluster/endpoints.ts";
import { passedClusters } from "../../plan/gateway/auto-passthrough.ts";
import type { RouterKey } from "../../plan/gateway/selection.ts";
import type { Step } from "../../track/scope.ts";
import type { ResourceSet } from "../../xds/resource.ts";
import { type ClusterSetKey, clusterSet, type EndpointSetKey, endpointSet } from "./clusters.ts";
import { encoded, sameSet, setOf } from "./encoded.ts";

/** A router as a client, and as one that hands on what it does not end. */
export interface PassedKey {
  readonly view: string;
  readonly router: RouterKey;
}

/** Clusters of a router: what it calls, and what it hands on. Key: JSON of `PassedKey` and `secretsFrom`. */
export const gatewayClusterSet: Step<ResourceSet> = {
  name: "discovery/gatewayClusters",
  run: (scope, key) => {
    const { view, router, secretsFrom } = JSON.parse(key) as PassedKey & Pick<Local, "secretsFrom">;
    const called: ClusterSetKey = { view, secretsFrom, inbound: [] };
    const all = scope.ask(clusterSet, JSON.stringify(called));
    const passed = scope.ask(passedClusters, JSON.stringify({ router, view }));
    if (passed.length === 0) return all;
    const made = passed.map(({ plan }) => encoded(ClusterSchema, plan.name, cluster(plan, secretsFrom), plan.origins));
    return setOf([...all.resources.values(), ...made]);
  },
  same: sameSet,
};

/**
 * Endpoints of these clusters. What is handed on has endpoints under its own name: Envoy does not ask again for a name that another cluster has
 * asked for, and a cluster without its answer would stay cold. Key: JSON of `PassedKey` and `place`.
 */
export const gatewayEndpointSet: Step<ResourceSet> = {
  name: "discovery/gatewayEndpoints",
  run: (scope, key) => {
    const { view, router, place } = JSON.parse(key) as PassedKey & Pick<EndpointSetKey, "place">;
    const all = scope.ask(endpointSet, JSON.stringify({ view, place } satisfies EndpointSetKey));
    const passed = scope.ask(passedClusters, JSON.stringify({ router, view }));
    if (passed.length === 0) return all;
    const made = passed.map(({ plan, from }) => {
      const found = scope.ask(clusterEndpoints, clusterEndpointsKey(from.key, from.plan, place));
      const assignment = loadAssignment({ ...found, cluster: plan.name });
      return encoded(ClusterLoadAssignmentSchema, plan.name, assignment, plan.origins.slice(0, 1));
    });
    return setOf([...all.resources.values(), ...made]);
  },
  same: sameSet,
};
