import type {
  LocalityDistribute,
  LocalityFailover,
  LocalityLoadBalancerSetting,
} from "../../gen/istio/destination-rule.ts";
import type { MeshConfigSpec } from "../../gen/istio/mesh-config.ts";
import type { Service } from "../service.ts";

/** How the place of client and endpoint weighs in. At most one of the two is there. */
export interface LocalityPlan {
  /** Envoy honours the weights of localities. */
  readonly weighted: boolean;
  readonly distribute?: readonly LocalityDistribute[];
  readonly failover?: { readonly regions: readonly LocalityFailover[]; readonly labels: readonly string[] };
}

/** Where a client is: what its endpoints' order depends on. */
export interface ClientPlace {
  /** `region/zone/subzone`. */
  readonly locality: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: string;
}

/**
 * Locality settings of a cluster, or undefined when the client's place makes no difference. Failover needs outlier detection: else nothing ever fails over.
 * Order: the rule, the Service's trafficDistribution, the mesh (on by default). Source: istio.io/latest/docs/tasks/traffic-management/locality-load-balancing
 */
export function localityPlan(
  rule: LocalityLoadBalancerSetting | undefined,
  service: Pick<Service, "trafficDistribution">,
  mesh: MeshConfigSpec,
  outlierDetection: boolean,
): LocalityPlan | undefined {
  if (rule !== undefined) return rule.enabled === false ? undefined : fromSetting(rule, outlierDetection);
  const close = closeness[service.trafficDistribution?.toLowerCase() ?? ""];
  if (close !== undefined) return { weighted: false, failover: { regions: [], labels: close } };
  const setting = mesh.localityLbSetting ?? {};
  return setting.enabled === false ? undefined : fromSetting(setting, outlierDetection);
}

const network = "topology.istio.io/network";
const region = "topology.kubernetes.io/region";
const zone = "topology.kubernetes.io/zone";
const subzone = "topology.istio.io/subzone";
const hostname = "kubernetes.io/hostname";

/** Kubernetes' trafficDistribution as labels by which endpoints are preferred. Source: Istio's and Kubernetes' Service documentation. */
const closeness: Readonly<Record<string, readonly string[]>> = {
  preferclose: [network, region, zone, subzone],
  prefersamezone: [network, region, zone],
  prefersamenode: [network, region, zone, subzone, hostname],
};

function fromSetting(setting: LocalityLoadBalancerSetting, outlierDetection: boolean): LocalityPlan | undefined {
  const { distribute, failover, failoverPriority } = setting;
  if (distribute !== undefined && distribute.length > 0) return { weighted: true, distribute };
  if (!outlierDetection) return undefined;
  const weighted = failover !== undefined || failoverPriority !== undefined;
  return { weighted, failover: { regions: failover ?? [], labels: failoverPriority ?? [] } };
}

/** The place of clients whose place makes no difference. */
export const nowhere: ClientPlace = { locality: "", labels: {}, network: "" };

/** The part of a client's place that a cluster's endpoints depend on. Clients of the same part share the endpoints. */
export function placeFor(plan: LocalityPlan | undefined, place: ClientPlace): ClientPlace {
  const labels = plan?.failover?.labels ?? [];
  if (plan === undefined) return nowhere;
  const names = labels.map((label) => label.split("=", 1)[0] as string).sort();
  const known = Object.fromEntries(
    names.flatMap((name) => (place.labels[name] === undefined ? [] : [[name, place.labels[name]]])),
  );
  return { locality: place.locality, labels: known, network: names.includes(network) ? place.network : "" };
}

/** What an endpoint is ordered by. */
export interface Placed {
  readonly locality: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: string;
}

/** How far an endpoint is from a client: 0 is nearest. Numbers may have gaps. */
export function distance(
  failover: NonNullable<LocalityPlan["failover"]>,
  client: ClientPlace,
  endpoint: Placed,
): number {
  const byLabels = labelDistance(failover.labels, client, endpoint);
  if (failover.labels.length > 0 && failover.regions.length === 0) return byLabels;
  return byLabels * 5 + regionDistance(failover.regions, client.locality, endpoint.locality);
}

function labelDistance(labels: readonly string[], client: ClientPlace, endpoint: Placed): number {
  const miss = labels.findIndex((label) => {
    const [name, value] = label.split("=", 2) as [string, string?];
    return (value ?? labelAt(client, name)) !== labelAt(endpoint, name);
  });
  return miss < 0 ? 0 : labels.length - miss;
}

/** A place's own label, else what its locality says; as endpoints of machines outside carry no topology labels. */
function labelAt(place: Placed, name: string): string {
  const [ofRegion = "", ofZone = "", ofSubzone = ""] = place.locality.split("/");
  const known: Readonly<Record<string, string>> = {
    [network]: place.network,
    [region]: ofRegion,
    [zone]: ofZone,
    [subzone]: ofSubzone,
  };
  return place.labels[name] ?? known[name] ?? "";
}

function regionDistance(regions: readonly LocalityFailover[], client: string, endpoint: string): number {
  const [a, b] = [client.split("/"), endpoint.split("/")];
  const shared = [0, 1, 2].findIndex((i) => (a[i] ?? "") !== (b[i] ?? ""));
  if (shared !== 0) return shared < 0 ? 0 : 3 - shared;
  const rule = regions.find((r) => r.from === a[0]);
  return rule === undefined || rule.to === b[0] ? 3 : 4;
}

/** Locality → share of traffic for a client, or undefined when no rule names its place: then all count alike. */
export function shares(
  distribute: readonly LocalityDistribute[],
  client: string,
): Readonly<Record<string, number>> | undefined {
  return distribute.find((d) => localityCovers(d.from ?? "", client))?.to;
}

/** Whether `region/zone/*`, `region/*`, `region` or `*` covers a locality; without a region a pattern covers none. */
export function localityCovers(pattern: string, locality: string): boolean {
  const parts = locality.split("/");
  return pattern.split("/").every((want, i) => want === "*" || (want === "" && i > 0) || want === (parts[i] ?? ""));
}
