import type { BackendRef } from "../../gen/gateway-api/tcp-route.ts";
import type { Scope } from "../../track/scope.ts";
import { blackHoleCluster } from "../cluster-name.ts";
import type { DestinationRef, WeightedDestination } from "../route/destination.ts";
import { backendOf, isFault, type Referrer } from "./backend.ts";

/**
 * Where the connections of a TCPRoute's or TLSRoute's rule go. The share of a backend that is not there, or may not be named, is closed, and so is
 * everything where no backend has a weight.
 */
export function l4Destinations(
  scope: Scope,
  referrer: Referrer,
  backendRefs: readonly BackendRef[],
  clusterOf: (destination: DestinationRef) => string,
): readonly WeightedDestination[] {
  const all = backendRefs.map((said) => {
    const to = backendOf(scope, referrer, said);
    const weight = said.weight ?? 1;
    return isFault(to) ? { ...nowhere, weight } : { ...to, cluster: clusterOf(to), weight };
  });
  const live = all.filter((d) => d.weight > 0);
  return live.length > 0 ? live : [{ ...nowhere, weight: 1 }];
}

const nowhere = { host: "", subset: "", cluster: blackHoleCluster } as const;
