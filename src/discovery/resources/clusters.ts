import { cluster } from "../../envoy/cluster/cluster.ts";
import { loadAssignment } from "../../envoy/cluster/endpoints.ts";
import { fallbackCluster } from "../../envoy/cluster/fallback.ts";
import { type ApplicationPort, inboundCluster, inboundPassthrough } from "../../envoy/cluster/inbound.ts";
import { blackHole, passthrough, passthroughByName } from "../../envoy/cluster/passthrough.ts";
import type { Local } from "../../envoy/local.ts";
import { ClusterSchema } from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { ClusterLoadAssignmentSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_pb.js";
import { clusterPlan, serviceClusterKeys } from "../../plan/cluster/cluster.ts";
import { clusterEndpoints, clusterEndpointsKey } from "../../plan/cluster/endpoints.ts";
import { fallbackClusters } from "../../plan/cluster/fallback-cluster.ts";
import type { ClientPlace } from "../../plan/cluster/locality.ts";
import type { OriginatedTls } from "../../plan/cluster/tls.ts";
import { dynamicDnsCluster } from "../../plan/cluster-name.ts";
import { outboundPolicy } from "../../plan/outbound-policy.ts";
import { serviceFor, visibleServices } from "../../plan/registry.ts";
import { parseView, viewerOf } from "../../plan/view.ts";
import type { Scope, Step } from "../../track/scope.ts";
import type { ResourceSet, XdsResource } from "../../xds/resource.ts";
import { asks, eagerness, type IsEager } from "../eager.ts";
import type { EagerPolicy } from "../eager-policy.ts";
import { encoded, sameItems, sameResource, sameSet, setOf } from "./encoded.ts";

/** Hosts of the services that a viewer may call. A step of its own: an edit inside a service stops here. Key: `viewerOf`. */
const visibleHosts: Step<readonly string[]> = {
  name: "discovery/visibleHosts",
  run: (scope, viewer) => scope.ask(visibleServices, viewer).map((service) => service.host),
};

/** Keys of the clusters of one service. Key: `host|viewKey`. */
const clusterKeysOf: Step<readonly string[]> = {
  name: "discovery/clusterKeys",
  run: (scope, key) => {
    const [host, view] = cut(key);
    const service = scope.ask(serviceFor, `${viewerOf(parseView(view))}|${host}`);
    return service === undefined ? [] : serviceClusterKeys(scope, parseView(view), service);
  },
};

/** Asks a step for each service of a view: by service, so that an edit of one costs a look at the others and no more. */
function ofServices<T>(
  scope: Scope,
  view: string,
  step: Step<readonly T[]>,
  lead = "",
  wanted: IsEager = () => true,
): readonly T[] {
  const hosts = scope.ask(visibleHosts, viewerOf(parseView(view))).filter(wanted);
  return hosts.flatMap((host) => scope.ask(step, `${lead}${host}|${view}`));
}

function cut(key: string): [string, string] {
  const bar = key.indexOf("|");
  return [key.slice(0, bar), key.slice(bar + 1)];
}

/** Key: `secretsFrom|clusterKey`. */
const encodedCluster: Step<XdsResource | undefined> = {
  name: "discovery/cluster",
  run: (scope, key) => {
    const [secretsFrom, clusterKey] = cut(key);
    const plan = scope.ask(clusterPlan, clusterKey);
    if (plan === undefined) return undefined;
    return encoded(ClusterSchema, plan.name, cluster(plan, secretsFrom as Local["secretsFrom"]), plan.origins);
  },
  same: sameResource,
};

/** What a service's clusters fall back to, each with its own cluster before it. Key: `host|viewKey`. */
const encodedFallbacks: Step<readonly XdsResource[]> = {
  name: "discovery/fallbackClusters",
  run: (scope, key) =>
    scope
      .ask(fallbackClusters, key)
      .map((plan) => encoded(ClusterSchema, plan.name, fallbackCluster(plan), plan.origins)),
};

/** Clusters of one service. Key: `secretsFrom|host|viewKey`. */
const clustersOf: Step<readonly XdsResource[]> = {
  name: "discovery/clustersOf",
  run: (scope, key) => {
    const [secretsFrom, rest] = cut(key);
    const own = scope.ask(clusterKeysOf, rest).flatMap((k) => scope.ask(encodedCluster, `${secretsFrom}|${k}`) ?? []);
    return [...own, ...scope.ask(encodedFallbacks, rest)];
  },
  same: sameItems,
};

export interface ClusterSetKey {
  readonly view: string;
  readonly secretsFrom: Local["secretsFrom"];
  /** Ports at the workload, sorted; a gateway has none. */
  readonly inbound: readonly ApplicationPort[];
  /** Of the inbound side: names of HTTP/1.1 headers stay as they are written. */
  readonly preserveCase?: true;
  /** Absent: `all`. */
  readonly eager?: EagerPolicy;
}

/** Clusters of a proxy: what it calls, what it serves, and the ends for all the rest. Key: JSON of `ClusterSetKey`. */
export const clusterSet: Step<ResourceSet> = {
  name: "discovery/clusterSet",
  run: (scope, key) => {
    const { view, secretsFrom, inbound, preserveCase = false, eager = "all" } = JSON.parse(key) as ClusterSetKey;
    const byName = scope.ask(outboundPolicy, view).requests === dynamicDnsCluster ? [dynamicDns] : [];
    const own = [...fixedClusters, ...byName, ...inbound.map((port) => encodedInbound(port, preserveCase))];
    if (!asks(eager)) return setOf([...own, ...ofServices(scope, view, clustersOf, `${secretsFrom}|`)]);
    const isEager = eagerness(scope, eager, parseView(view));
    const some = (which: boolean) =>
      ofServices(scope, view, clustersOf, `${secretsFrom}|`, (host) => isEager(host) === which);
    return setOf([...own, ...some(true)], some(false));
  },
  same: sameSet,
};

const fixedClusters: readonly XdsResource[] = [blackHole(), passthrough(), inboundPassthrough()].map((c) =>
  encoded(ClusterSchema, c.name, c, []),
);

const dynamicDns = encoded(ClusterSchema, dynamicDnsCluster, passthroughByName(dynamicDnsCluster), []);

function encodedInbound(port: ApplicationPort, preserveCase: boolean): XdsResource {
  const made = inboundCluster(port, { preserveCase });
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
  /** Names of secrets that policies of Gateway API refer to, of any namespace. */
  readonly references: readonly string[];
}

/** Of one service. Key: `host|viewKey`. */
const mentionsOf: Step<readonly ClusterMentions[]> = {
  name: "discovery/clusterMentionsOf",
  run: (scope, key) => {
    const plans = scope.ask(clusterKeysOf, key).flatMap((k) => scope.ask(clusterPlan, k) ?? []);
    const locality = plans.some((plan) => plan.locality !== undefined);
    const labels = plans
      .flatMap((plan) => plan.locality?.failover?.labels ?? [])
      .map((label) => label.split("=", 1)[0]);
    const credentials = plans.flatMap(({ tls }) =>
      tls.kind === "originated" && tls.source.kind === "secret"
        ? [{ name: tls.source.name, mutual: tls.source.mutual }]
        : [],
    );
    const references = plans.flatMap(({ tls }) => (tls.kind === "originated" ? referencesOf(tls) : []));
    if (!locality && credentials.length + references.length === 0) return [];
    return [{ locality, labels: [...new Set(labels as string[])].sort(), credentials, references }];
  },
};

function referencesOf({ source }: OriginatedTls): readonly string[] {
  if (source.kind === "references") return [source.roots, source.certificate ?? []].flat();
  return source.kind === "files" && source.systemRoots !== undefined ? [source.systemRoots] : [];
}

/** Key: `viewKey`. */
export const clusterMentions: Step<ClusterMentions> = {
  name: "discovery/clusterMentions",
  run: (scope, key) => {
    const all = ofServices(scope, key, mentionsOf);
    const credentials = new Map(all.flatMap((m) => m.credentials.map((c) => [`${c.mutual}|${c.name}`, c] as const)));
    return {
      locality: all.some((m) => m.locality),
      labels: [...new Set(all.flatMap((m) => m.labels))].sort(),
      credentials: [...credentials.values()],
      references: [...new Set(all.flatMap((m) => m.references))].sort(),
    };
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

/** Endpoints of one service's clusters. Key: `place as JSON|host|viewKey`; a place holds no bar: it is encoded. */
const endpointsOf: Step<readonly XdsResource[]> = {
  name: "discovery/endpointsOf",
  run: (scope, key) => {
    const [place, rest] = cut(key);
    const client = JSON.parse(decodeURIComponent(place)) as ClientPlace;
    return scope.ask(clusterKeysOf, rest).flatMap((k) => {
      const plan = scope.ask(clusterPlan, k);
      return plan?.discovery.kind === "eds" ? [scope.ask(encodedEndpoints, clusterEndpointsKey(k, plan, client))] : [];
    });
  },
  same: sameItems,
};

/** Endpoints of the clusters that the control plane tells them of. Key: JSON of `EndpointSetKey`. */
export const endpointSet: Step<ResourceSet> = {
  name: "discovery/endpointSet",
  run: (scope, key) => {
    const { view, place } = JSON.parse(key) as EndpointSetKey;
    return setOf(ofServices(scope, view, endpointsOf, `${encodeURIComponent(JSON.stringify(place))}|`));
  },
  same: sameSet,
};
