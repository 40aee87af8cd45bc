import type { Endpoint } from "../endpoint.ts";
import { type ClientPlace, distance, type LocalityPlan, localityCovers, shares } from "./locality.ts";

/** Endpoints of one place and one priority. */
export interface LocalityGroup {
  /** `region/zone/subzone`, as much as is known. */
  readonly locality: string;
  /** 0 first; without gaps. */
  readonly priority: number;
  readonly weight: number;
  readonly endpoints: readonly Endpoint[];
}

/** Endpoints that bear all the labels of a subset. */
export function inSubset(all: readonly Endpoint[], labels: Readonly<Record<string, string>>): readonly Endpoint[] {
  const pairs = Object.entries(labels);
  return pairs.length === 0 ? all : all.filter((e) => pairs.every(([k, v]) => e.labels[k] === v));
}

/** Endpoints by place, nearest first. */
export function arrange(
  all: readonly Endpoint[],
  locality: LocalityPlan | undefined,
  client: ClientPlace,
): readonly LocalityGroup[] {
  const groups = new Map<string, { locality: string; distance: number; endpoints: Endpoint[] }>();
  for (const endpoint of all) {
    const far = locality?.failover === undefined ? 0 : distance(locality.failover, client, endpoint);
    const id = `${far}|${endpoint.locality}`;
    const group = groups.get(id) ?? { locality: endpoint.locality, distance: far, endpoints: [] };
    groups.set(id, group);
    group.endpoints.push(endpoint);
  }
  const sorted = [...groups.values()].sort((a, b) => a.distance - b.distance || (a.locality < b.locality ? -1 : 1));
  const distances = [...new Set(sorted.map((g) => g.distance))];
  const arranged = sorted.map((g) => ({
    locality: g.locality,
    priority: distances.indexOf(g.distance),
    weight: g.endpoints.reduce((sum, e) => sum + e.weight, 0),
    endpoints: g.endpoints,
  }));
  const wanted = locality?.distribute && shares(locality.distribute, client.locality);
  return wanted === undefined ? arranged : divide(arranged, wanted);
}

/** Localities that no share names get nothing; those that share a pattern divide its share by their weight. */
function divide(groups: readonly LocalityGroup[], wanted: Readonly<Record<string, number>>): readonly LocalityGroup[] {
  const taken = new Set<LocalityGroup>();
  // Istio's table has no order; the more specific pattern wins here, so that `region/*` does not take what `region/zone` was given.
  const patterns = Object.entries(wanted).sort(
    ([a], [b]) => b.split("/").length - a.split("/").length || Number(a.includes("*")) - Number(b.includes("*")),
  );
  return patterns.flatMap(([pattern, share]) => {
    const matched = groups.filter((g) => !taken.has(g) && localityCovers(pattern, g.locality));
    const total = matched.reduce((sum, g) => sum + g.weight, 0);
    for (const group of matched) taken.add(group);
    return matched.flatMap((g) =>
      share * g.weight > 0 ? { ...g, weight: Math.ceil((share * g.weight) / total) } : [],
    );
  });
}

/** Whether EDS may carry it: an IP address or a socket's path; a name must be resolved by the proxy. */
export function isAddress(address: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(address) || address.includes(":");
}

/** Whether a connection can be tried at all: a port that its workload does not name, or a machine without an address, cannot. */
export function isComplete(endpoint: Endpoint): boolean {
  const { address, port } = endpoint;
  return address.startsWith("unix://") || (address !== "" && Number.isInteger(port) && port > 0 && port < 65_536);
}
