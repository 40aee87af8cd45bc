import type { Scope } from "../../track/scope.ts";
import { type FallbackReach, fallbackReach } from "../cluster/fallback-cluster.ts";
import { blackHoleCluster } from "../cluster-name.ts";
import type { View } from "../view.ts";
import { byName } from "./by-name.ts";
import type { DestinationRef } from "./destination.ts";
import { destinationCluster } from "./destination-cluster.ts";
import { type HashPolicy, hashPolicies } from "./hash-policy.ts";
import { type Session, sessionOf } from "./session.ts";

/** Where a destination leads from a namespace. */
export interface Reach {
  readonly cluster: string;
  /** Outside of the mesh. */
  readonly external?: boolean;
  /** Connections go to the server name that their TLS calls, at this port. */
  readonly byName?: number;
  readonly hash: readonly HashPolicy[];
  readonly session?: Session;
  /** DestinationRules that the hash comes from. */
  readonly rules: readonly string[];
  /** Who answers when it cannot. */
  readonly fallback?: FallbackReach;
}

/** Where a destination leads for a view when `port` was called. */
export function reach(scope: Scope, view: View, destination: DestinationRef, port: number): Reach {
  const found = destinationCluster(scope, view, destination, port);
  if (found === undefined) return { cluster: blackHoleCluster, hash: [], rules: [] };
  const { name, service, rule } = found;
  const hash = hashPolicies(rule, destination.subset, found.port);
  const session = sessionOf(service);
  const fallback = fallbackReach(scope, view, service, found.port, destination.subset);
  return {
    cluster: name,
    ...(service.external ? { external: true } : {}),
    ...byName(service, found.port),
    hash,
    ...(session === undefined ? {} : { session }),
    rules: hash.length === 0 ? [] : (rule?.refs ?? []).map((r) => `${r.namespace}/${r.name}`),
    ...(fallback === undefined ? {} : { fallback }),
  };
}
