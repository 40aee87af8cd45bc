import type { Scope } from "../../track/scope.ts";
import { destinationRuleFor, destinationRuleKey } from "../cluster/destination-rule.ts";
import { type View, viewerOf } from "../view.ts";
import type { DestinationRef } from "./destination.ts";
import { concreteService } from "./destination-cluster.ts";

/** Connections to a destination go through it as a proxy, inside of one request of HTTP each. */
export interface Tunnel {
  /** What the proxy is asked for: `host:port`. */
  readonly target: string;
  readonly method: "CONNECT" | "POST";
}

/** The tunnel that the DestinationRule of a destination asks for: of the subset, or of the host where no subset is named. */
export function tunnelTo(scope: Scope, view: View, destination: DestinationRef): Tunnel | undefined {
  const service = concreteService(scope, viewerOf(view), destination.host);
  const rule = service && scope.ask(destinationRuleFor, destinationRuleKey(view, service));
  const policy = destination.subset === "" ? rule?.trafficPolicy : rule?.subsets.get(destination.subset)?.trafficPolicy;
  if (policy?.tunnel === undefined) return undefined;
  const { targetHost, targetPort, protocol } = policy.tunnel;
  const host = targetHost.includes(":") ? `[${targetHost}]` : targetHost;
  return { target: `${host}:${targetPort}`, method: protocol === "POST" ? "POST" : "CONNECT" };
}
