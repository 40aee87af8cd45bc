import type { GatewaySpec } from "../../../gen/gateway-api/gateway.ts";
import type { ParentReference } from "../../../gen/gateway-api/http-route.ts";
import type { ListenerSetSpec } from "../../../gen/gateway-api/listener-set.ts";
import { weftController } from "../../../model/gateway-class.ts";
import type { Ref } from "../../../model/resource.ts";
import { types } from "../../../model/types.ts";
import { ownController } from "../../../plan/gateway-api/gateways.ts";
import { type ParentStatus, routeStatus, routeStatusKey } from "../../../plan/gateway-api/route-status.ts";
import type { RouteFault } from "../../../plan/gateway-api/rules.ts";
import type { Scope, Step } from "../../../track/scope.ts";
import { type Condition, holds, holdsNot, sentences } from "../condition.ts";

/** Gateway API's `RouteParentStatus`. */
export interface RouteParentStatus {
  readonly parentRef: ParentReference;
  readonly controllerName: string;
  readonly conditions: readonly Condition[];
}

interface RouteSpec {
  readonly parentRefs?: readonly ParentReference[];
  readonly rules?: readonly unknown[];
}

/** What became of a route at each of its parents that are the mesh's. Key: `routeStatusKey`. */
export const routeParents: Step<readonly RouteParentStatus[]> = {
  name: "operate/routeParents",
  run: (scope, key) => {
    const route = refOf(key);
    const spec = scope.get<RouteSpec>(route)?.spec;
    if (spec === undefined) return [];
    return scope
      .ask(routeStatus, routeStatusKey(route))
      .filter((status) => status.missing !== true)
      .map((status) => ({
        parentRef: withDefaults(spec.parentRefs?.[status.index]),
        controllerName: controllerAt(scope, status.parent),
        conditions: conditionsOf(status, spec.rules?.length ?? 1),
      }));
  },
};

function refOf(key: string): Ref {
  const bar = key.indexOf("|");
  const slash = key.indexOf("/", bar);
  return { type: key.slice(0, bar), namespace: key.slice(bar + 1, slash), name: key.slice(slash + 1) };
}

/** As the API server fills it in. */
function withDefaults(said: ParentReference | undefined): ParentReference {
  return { group: "gateway.networking.k8s.io", kind: "Gateway", ...said } as ParentReference;
}

/** Parents inside the mesh have no class: there the mesh has one name. */
function controllerAt(scope: Scope, parent: Ref): string {
  const gateway = parent.type === types.ListenerSet ? gatewayOf(scope, parent) : parent;
  if (gateway?.type !== types.KubernetesGateway) return weftController;
  const className = scope.get<GatewaySpec>(gateway)?.spec.gatewayClassName ?? "";
  return ownController(scope, className) ?? weftController;
}

function gatewayOf(scope: Scope, set: Ref): Ref | undefined {
  const said = scope.get<ListenerSetSpec>(set)?.spec.parentRef;
  if (said === undefined) return undefined;
  return { type: types.KubernetesGateway, namespace: said.namespace ?? set.namespace, name: said.name };
}

function conditionsOf({ notAccepted, idle, faults }: ParentStatus, rules: number): readonly Condition[] {
  const unresolved = faults.filter((f) => f.condition === "ResolvedRefs");
  const resolved =
    unresolved[0] === undefined
      ? holds("ResolvedRefs", "All that it refers to was found.")
      : holdsNot("ResolvedRefs", unresolved[0].reason, told(unresolved));
  if (notAccepted !== undefined)
    return [holdsNot("Accepted", notAccepted.reason, sentences([notAccepted.message])), resolved];
  const unsupported = faults.filter((f) => f.condition === "Accepted");
  const bad = new Set(unsupported.map((f) => f.path[2]));
  if (unsupported[0] !== undefined && bad.size >= rules)
    return [holdsNot("Accepted", unsupported[0].reason, told(unsupported)), resolved];
  const message = idle === undefined ? "It holds there." : `It holds there, but ${idle.message}.`;
  const accepted = holds("Accepted", message);
  if (unsupported[0] === undefined) return [accepted, resolved];
  const partially = holds("PartiallyInvalid", `Dropped Rule: ${told(unsupported)}`, unsupported[0].reason);
  return [accepted, resolved, partially];
}

function told(faults: readonly RouteFault[]): string {
  return sentences(faults.map((f) => f.message));
}
