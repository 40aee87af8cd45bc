import type { Scope } from "../../track/scope.ts";
import { destinationRuleFor, destinationRuleKey } from "../cluster/destination-rule.ts";
import { blackHoleCluster, clusterName } from "../cluster-name.ts";
import { serviceFor } from "../registry.ts";
import type { Service } from "../service.ts";
import { type View, viewerOf } from "../view.ts";
import type { DestinationRef } from "./destination.ts";
import { type HashPolicy, hashPolicies } from "./hash-policy.ts";

/** Where a destination leads from a namespace. */
export interface Reach {
  readonly cluster: string;
  /** Outside of the mesh. */
  readonly external?: boolean;
  readonly hash: readonly HashPolicy[];
  /** DestinationRules that the hash comes from. */
  readonly rules: readonly string[];
}

/** Where a destination leads for a view when `port` was called. */
export function reach(scope: Scope, view: View, destination: DestinationRef, port: number): Reach {
  const nowhere = { cluster: blackHoleCluster, hash: [], rules: [] };
  const service = concreteService(scope, viewerOf(view), destination.host);
  if (service === undefined) return nowhere;
  const number = destination.port ?? (service.ports.length === 1 ? service.ports[0]?.number : port);
  if (number === undefined || !service.ports.some((p) => p.number === number && p.protocol !== "udp")) return nowhere;
  const rule = scope.ask(destinationRuleFor, destinationRuleKey(view, service));
  if (destination.subset !== "" && rule?.subsets.has(destination.subset) !== true) return nowhere;
  const hash = hashPolicies(rule, destination.subset, number);
  return {
    cluster: clusterName("outbound", number, destination.subset, service.host),
    ...(service.external ? { external: true } : {}),
    hash,
    rules: hash.length === 0 ? [] : (rule?.refs ?? []).map((r) => `${r.namespace}/${r.name}`),
  };
}

/** The service that a host means; an alias stands for the service of the mesh that it names, if that is one. */
export function concreteService(scope: Scope, viewer: string, host: string): Service | undefined {
  const service = scope.ask(serviceFor, `${viewer}|${host}`);
  if (service?.alias === undefined) return service;
  return scope.ask(serviceFor, `${viewer}|${service.alias.toLowerCase()}`) ?? service;
}
