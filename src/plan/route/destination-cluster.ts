import type { Scope } from "../../track/scope.ts";
import { destinationRuleFor, destinationRuleKey, type MergedDestinationRule } from "../cluster/destination-rule.ts";
import { clusterName } from "../cluster-name.ts";
import { serviceFor } from "../registry.ts";
import type { Service } from "../service.ts";
import { type View, viewerOf } from "../view.ts";
import type { DestinationRef } from "./destination.ts";

/** The cluster that a destination names, and what it is made of. */
export interface DestinationCluster {
  /** `outbound|9080|v1|reviews.default.svc.cluster.local`. */
  readonly name: string;
  readonly service: Service;
  readonly port: number;
  readonly rule: MergedDestinationRule | undefined;
}

/** Where a destination leads for a view when `called` was the port; undefined where there is no such service, port or subset. */
export function destinationCluster(
  scope: Scope,
  view: View,
  destination: DestinationRef,
  called: number,
): DestinationCluster | undefined {
  const service = concreteService(scope, viewerOf(view), destination.host);
  if (service === undefined) return undefined;
  const port = destination.port ?? (service.ports.length === 1 ? service.ports[0]?.number : called);
  if (port === undefined || !service.ports.some((p) => p.number === port && p.protocol !== "udp")) return undefined;
  const rule = scope.ask(destinationRuleFor, destinationRuleKey(view, service));
  if (destination.subset !== "" && rule?.subsets.has(destination.subset) !== true) return undefined;
  return { name: clusterName("outbound", port, destination.subset, service.host), service, port, rule };
}

/** The service that a host means; an alias stands for the service of the mesh that it names, if that is one. */
export function concreteService(scope: Scope, viewer: string, host: string): Service | undefined {
  const service = scope.ask(serviceFor, `${viewer}|${host}`);
  if (service?.alias === undefined) return service;
  return scope.ask(serviceFor, `${viewer}|${service.alias.toLowerCase()}`) ?? service;
}
