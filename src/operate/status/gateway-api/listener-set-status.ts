import type { GatewaySpec } from "../../../gen/gateway-api/gateway.ts";
import type { ListenerSetSpec } from "../../../gen/gateway-api/listener-set.ts";
import type { Resource } from "../../../model/resource.ts";
import { types } from "../../../model/types.ts";
import { isOwnGateway } from "../../../plan/gateway-api/gateways.ts";
import { typeIn } from "../../../plan/gateway-api/grants.ts";
import { apiListeners, type ListenerPlan, mayAdd } from "../../../plan/gateway-api/listeners.ts";
import type { Step } from "../../../track/scope.ts";
import { type Condition, holds, holdsNot } from "../condition.ts";
import { type ListenerStatus, listenerStatuses, ownListeners } from "./listener-status.ts";

export interface ListenerSetStatus {
  readonly conditions: readonly Condition[];
  readonly listeners: readonly ListenerStatus[];
}

/** What became of a ListenerSet at a Gateway of the mesh; undefined for another controller's. Key: `namespace/name`. */
export const listenerSetStatus: Step<ListenerSetStatus | undefined> = {
  name: "operate/listenerSetStatus",
  run: (scope, key) => {
    const slash = key.indexOf("/");
    const ref = { type: types.ListenerSet, namespace: key.slice(0, slash), name: key.slice(slash + 1) };
    const set = scope.get<ListenerSetSpec>(ref);
    const gateway = set && parentGateway(set);
    const found = gateway && scope.get<GatewaySpec>(gateway);
    if (set === undefined || found === undefined || !isOwnGateway(scope, found)) return undefined;
    const named = `Gateway ${found.namespace}/${found.name}`;
    if (!mayAdd(scope, found, set)) {
      const message = `The ${named} takes no ListenerSets of namespace ${set.namespace}: see its spec.allowedListeners.`;
      return { conditions: both("False", "NotAllowed", message), listeners: [] };
    }
    const all = scope.ask(apiListeners, `${found.namespace}/${found.name}`);
    return { conditions: conditionsOf(ownListeners(ref, all), named), listeners: listenerStatuses(scope, ref, all) };
  },
};

/** Whether one listener of a set serves at least: then it counts as attached to its Gateway. */
export function isAttached(listeners: readonly ListenerPlan[]): boolean {
  return listeners.some((l) => l.serves);
}

function parentGateway({ namespace, spec: { parentRef } }: Resource<ListenerSetSpec>) {
  const type = typeIn(parentRef.group ?? "gateway.networking.k8s.io", parentRef.kind ?? "Gateway");
  if (type !== types.KubernetesGateway) return undefined;
  return { type, namespace: parentRef.namespace ?? namespace, name: parentRef.name };
}

function conditionsOf(own: readonly ListenerPlan[], gateway: string): readonly Condition[] {
  const bad = own.filter((l) => !l.serves);
  if (bad.length === 0)
    return [
      holds("Accepted", `The ${gateway} takes its listeners.`),
      holds("Programmed", `The router of the ${gateway} has its listeners.`),
    ];
  const message = `${bad.length} of its ${own.length} listeners do not serve: ${bad.map((l) => l.name).join(", ")}.`;
  return both(isAttached(own) ? "True" : "False", "ListenersNotValid", message);
}

function both(status: "True" | "False", reason: string, message: string): readonly Condition[] {
  return ["Accepted", "Programmed"].map((type) =>
    status === "True" ? holds(type, message, reason) : holdsNot(type, reason, message),
  );
}
