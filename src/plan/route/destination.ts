import type { Destination, HTTPRouteDestination } from "../../gen/istio/virtual-service.ts";
import { blackHoleCluster } from "../cluster-name.ts";
import type { Fallback } from "./fallback.ts";
import { type HeaderChanges, headerChanges } from "./headers.ts";

/** A destination as a rule names it, its host in full. */
export interface DestinationRef {
  readonly host: string;
  readonly subset: string;
  /** Absent: the service's only port, else the port that was called. */
  readonly port?: number;
}

/** A part of the traffic of a route. */
export interface WeightedDestination extends DestinationRef {
  /** Istio's name of the cluster; `BlackHoleCluster` where the host, port or subset does not exist. */
  readonly cluster: string;
  readonly weight: number;
  /** Outside of the mesh: what proxies tell each other must not go there. */
  readonly external?: boolean;
  readonly headers?: HeaderChanges;
  /** Who answers when it cannot. */
  readonly fallback?: Fallback;
}

export function destinationRef(destination: Destination): DestinationRef {
  const port = destination.port?.number;
  return {
    host: destination.host.toLowerCase(),
    subset: destination.subset ?? "",
    ...(port ? { port } : {}),
  };
}

/** A destination as a key of a map. */
export function destinationKey({ host, subset, port }: DestinationRef): string {
  return `${port ?? ""}|${subset}|${host}`;
}

/**
 * The destinations of a route that get traffic: a single one gets all whatever its weight, of several those without weight get none.
 * A route that leaves none goes to the black hole: other traffic must not fall through to the next route.
 */
export function weightedDestinations(
  route: readonly HTTPRouteDestination[],
  clusterOf: (destination: DestinationRef) => string,
): readonly WeightedDestination[] {
  const live = route.length === 1 ? route : route.filter((d) => (d.weight ?? 0) > 0);
  if (live.length === 0) return [{ host: "", subset: "", cluster: blackHoleCluster, weight: 100 }];
  return live.map((d) => {
    const ref = destinationRef(d.destination);
    const headers = headerChanges(d.headers);
    return {
      ...ref,
      cluster: clusterOf(ref),
      weight: route.length === 1 ? 100 : (d.weight as number),
      ...(headers ? { headers } : {}),
    };
  });
}
