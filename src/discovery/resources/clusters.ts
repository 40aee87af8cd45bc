import { cluster } from "../../envoy/cluster/cluster.ts";
import { loadAssignment } from "../../envoy/cluster/endpoints.ts";
import { inboundCluster, inboundPassthrough } from "../../envoy/cluster/inbound.ts";
import { blackHole, passthrough } from "../../envoy/cluster/passthrough.ts";
import type { Local } from "../../envoy/local.ts";
import { ClusterSchema } from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { ClusterLoadAssignmentSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_pb.js";
import { clusterPlan, serviceClusterKeys } from "../../plan/cluster/cluster.ts";
import { clusterEndpoints, clusterEndpointsKey } from "../../plan/cluster/endpoints.ts";
import type { ClientPlace } from "../../plan/cluster/locality.ts";
import type { Protocol } from "../../plan/protocol.ts";
import { visibleServices } from "../../plan/registry.ts";
import { parseView } from "../../plan/view.ts";
import type { Scope, Step } from "../../track/scope.ts";
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
  readonly inbound: readonly { readonly port: number; readonly protocol: Protocol }[];
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

function encodedInbound({ port, protocol }: ClusterSetKey["inbound"][number]): XdsResource {
  const made = inboundCluster(port, protocol);
  return encoded(ClusterSchema, made.name, made, []);
}

export interface EndpointSetKey {
  readonly view: string;
  /** Of the client, as far as it matters to some cluster: `placeIn`. */
  readonly place: ClientPlace;
}

/** What the clusters of a view ask of the proxy itself. */
export interface ClusterMentions {
  /** Some cluster's endpoints are ordered by where the client is. */
  readonly locality: boolean;
  /** Labels of the client that they are ordered by. */
  readonly labels: readonly string[];
  readonly credentials: readonly { readonly name: string; readonly mutual: boolean }[];
}

/** Key: `viewKey`. */
export const clusterMentions: Step<ClusterMentions> = {
  name: "discovery/clusterMentions",
  run: (scope, key) => {
    let locality = false;
    const labels = new Set<string>();
    const credentials = new Map<string, { name: string; mutual: boolean }>();
    for (const clusterKey of scope.ask(clusterKeys, key)) {
      const plan = scope.ask(clusterPlan, clusterKey);
      if (plan?.locality !== undefined) locality = true;
      for (const label of plan?.locality?.failover?.labels ?? []) labels.add(label.split("=", 1)[0] as string);
      if (plan?.tls.kind !== "originated" || plan.tls.source.kind !== "secret") continue;
      const { name, mutual } = plan.tls.source;
      credentials.set(`${mutual}|${name}`, { name, mutual });
    }
    return { locality, labels: [...labels].sort(), credentials: [...credentials.values()] };
  },
};

/** The part of a client's place that its endpoints depend on: clients of the same part share one set. */
export function placeIn(scope: Scope, view: string, place: ClientPlace): ClientPlace {
  const { locality, labels } = scope.ask(clusterMentions, view);
  const own = labels.flatMap((name) => (place.labels[name] === undefined ? [] : [[name, place.labels[name]] as const]));
  return {
    locality: locality ? place.locality : "",
    labels: Object.fromEntries(own),
    network: labels.length > 0 ? place.network : "",
  };
}

/** Key: `clusterEndpointsKey`. */
const encodedEndpoints: Step<XdsResource> = {
  name: "discovery/endpoints",
  run: (scope, key) => {
    const plan = scope.ask(clusterEndpoints, key);
    const { key: clusterKey } = JSON.parse(key) as { key: string };
    const origins = scope.ask(clusterPlan, clusterKey)?.origins.slice(0, 1) ?? [];
    return encoded(ClusterLoadAssignmentSchema, plan.cluster, loadAssignment(plan), origins);
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
        return plan?.discovery.kind === "eds"
          ? scope.ask(encodedEndpoints, clusterEndpointsKey(k, plan, place))
          : undefined;
      }),
    );
  },
  same: sameSet,
};
