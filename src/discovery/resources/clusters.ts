import { ClusterSchema } from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { ClusterLoadAssignmentSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_pb.js";
import { blackHole, cluster, inboundCluster, inboundPassthrough, passthrough } from "../../envoy/cluster/cluster.ts";
import { loadAssignment } from "../../envoy/cluster/endpoints.ts";
import type { Local } from "../../envoy/local.ts";
import { clusterPlan, serviceClusterKeys } from "../../plan/cluster/cluster.ts";
import { clusterEndpoints, clusterEndpointsKey } from "../../plan/cluster/endpoints.ts";
import type { ClientPlace } from "../../plan/cluster/locality.ts";
import { clusterName } from "../../plan/cluster-name.ts";
import { visibleServices } from "../../plan/registry.ts";
import { parseView } from "../../plan/view.ts";
import type { Step } from "../../track/scope.ts";
import type { ResourceSet, XdsResource } from "../../xds/resource.ts";
import { encoded, sameResource, sameSet, setOf } from "./encoded.ts";

/** Keys of all clusters that a view may call. Key: `viewKey`. */
const clusterKeys: Step<readonly string[]> = {
  name: "discovery/clusterKeys",
  run: (scope, key) => {
    const view = parseView(key);
    return scope.ask(visibleServices, view.namespace).flatMap((service) => serviceClusterKeys(scope, view, service));
  },
};

/** Key: `secretsFrom|clusterKey`. */
const encodedCluster: Step<XdsResource | undefined> = {
  name: "discovery/cluster",
  run: (scope, key) => {
    const bar = key.indexOf("|");
    const plan = scope.ask(clusterPlan, key.slice(bar + 1));
    if (plan === undefined) return undefined;
    return encoded(ClusterSchema, plan.name, cluster(plan, key.slice(0, bar) as Local["secretsFrom"]), plan.origins);
  },
  same: sameResource,
};

export interface ClusterSetKey {
  readonly view: string;
  readonly secretsFrom: Local["secretsFrom"];
  /** Ports at the workload, sorted; a gateway has none. */
  readonly inbound: readonly number[];
}

/** Clusters of a proxy: what it calls, what it serves, and the ends for all the rest. Key: JSON of `ClusterSetKey`. */
export const clusterSet: Step<ResourceSet> = {
  name: "discovery/clusterSet",
  run: (scope, key) => {
    const { view, secretsFrom, inbound } = JSON.parse(key) as ClusterSetKey;
    const outbound = scope.ask(clusterKeys, view).map((k) => scope.ask(encodedCluster, `${secretsFrom}|${k}`));
    return setOf([...fixedClusters, ...inbound.map(encodedInbound), ...outbound]);
  },
  same: sameSet,
};

const fixedClusters: readonly XdsResource[] = [blackHole(), passthrough(), inboundPassthrough()].map((c) =>
  encoded(ClusterSchema, c.name, c, []),
);

function encodedInbound(port: number): XdsResource {
  const name = clusterName("inbound", port, "", "");
  return encoded(ClusterSchema, name, inboundCluster(port), []);
}

export interface EndpointSetKey {
  readonly view: string;
  readonly place: ClientPlace;
}

/** Key: `clusterEndpointsKey`. */
const encodedEndpoints: Step<XdsResource> = {
  name: "discovery/endpoints",
  run: (scope, key) => {
    const plan = scope.ask(clusterEndpoints, key);
    return encoded(ClusterLoadAssignmentSchema, plan.cluster, loadAssignment(plan), []);
  },
  same: sameResource,
};

/** Endpoints of the clusters that the control plane tells them of. Key: JSON of `EndpointSetKey`. */
export const endpointSet: Step<ResourceSet> = {
  name: "discovery/endpointSet",
  run: (scope, key) => {
    const { view, place } = JSON.parse(key) as EndpointSetKey;
    return setOf(
      scope.ask(clusterKeys, view).map((k) => {
        const plan = scope.ask(clusterPlan, k);
        return plan?.discovery.kind === "eds" ? scope.ask(encodedEndpoints, clusterEndpointsKey(k, plan, place)) : undefined;
      }),
    );
  },
  same: sameSet,
};
