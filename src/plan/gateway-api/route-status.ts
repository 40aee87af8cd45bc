import type { ParentReference } from "../../gen/gateway-api/http-route.ts";
import type { TCPRouteSpec } from "../../gen/gateway-api/tcp-route.ts";
import type { FieldPath } from "../../model/origin.ts";
import type { Ref } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { type GatewayParent, gatewayParent } from "./attachments.ts";
import { backendOf, isFault } from "./backend.ts";
import { meshParentFault, type ParentFault, parentOf } from "./mesh-parents.ts";
import { gatewayRoute, gatewayRouteKey, type RouteFault, type RouteSide } from "./rules.ts";

/** What became of a route at one of its parents. */
export interface ParentStatus {
  readonly parent: Ref;
  /** Place in `spec.parentRefs`. */
  readonly index: number;
  /** Absent: it holds there. */
  readonly notAccepted?: ParentFault;
  /** It holds there, but no listener that it fits serves. */
  readonly idle?: ParentFault;
  /** The parent is not there, so nobody knows whose it would be. */
  readonly missing?: boolean;
  /** What it says and cannot do there; what is not said here it does. */
  readonly faults: readonly RouteFault[];
}

/** The key of `routeStatus`. */
export function routeStatusKey({ type, namespace, name }: Ref): string {
  return `${type}|${namespace}/${name}`;
}

/** What became of a route at each of its parents that the mesh knows. Key: `routeStatusKey`. */
export const routeStatus: Step<readonly ParentStatus[]> = {
  name: "plan/routeStatus",
  run: (scope, key) => {
    const bar = key.indexOf("|");
    const slash = key.indexOf("/", bar);
    const route: Ref = {
      type: key.slice(0, bar),
      namespace: key.slice(bar + 1, slash),
      name: key.slice(slash + 1),
    };
    const parents = scope.get<{ readonly parentRefs?: readonly ParentReference[] }>(route)?.spec.parentRefs ?? [];
    return parents.flatMap((said, index) => {
      const parent = parentOf(route, said);
      const side = sideOf(parent);
      if (side === undefined) return [];
      const found = side === "mesh" ? meshParent(scope, route, said) : gatewayParent(scope, route, said, index);
      if (found === "another's") return [];
      const { fault, ...others } = found;
      return [
        {
          ...{ parent, index, ...others },
          ...(fault === undefined ? {} : { notAccepted: fault }),
          faults: faultsOf(scope, side, route),
        },
      ];
    });
  },
};

function meshParent(scope: Scope, route: Ref, said: ParentReference): Pick<GatewayParent, "fault"> {
  const fault = meshParentFault(scope, route, said);
  return fault === undefined ? {} : { fault };
}

function sideOf({ type }: Ref): RouteSide | undefined {
  if (type === types.Service || type === types.ServiceEntry) return "mesh";
  return type === types.KubernetesGateway || type === types.ListenerSet ? "gateway" : undefined;
}

function faultsOf(scope: Scope, side: RouteSide, route: Ref): readonly RouteFault[] {
  if (route.type === types.HttpRoute || route.type === types.GrpcRoute)
    return scope.ask(gatewayRoute, gatewayRouteKey(side, route))?.faults ?? [];
  const rules = scope.get<TCPRouteSpec>(route)?.spec.rules ?? [];
  return rules.flatMap((rule, i) =>
    rule.backendRefs.flatMap((said, j): readonly RouteFault[] => {
      const found = backendOf(scope, { from: route, inMesh: side === "mesh" }, said);
      const path: FieldPath = ["spec", "rules", i, "backendRefs", j];
      return isFault(found) ? [{ condition: "ResolvedRefs", ...found, path }] : [];
    }),
  );
}
