import type { Ref, Type } from "../../../model/resource.ts";
import { kindOf } from "../../../model/resource.ts";
import { fittingRoutes } from "../../../plan/gateway-api/attachments.ts";
import type { ListenerFault } from "../../../plan/gateway-api/listener-fault.ts";
import type { ListenerPlan } from "../../../plan/gateway-api/listeners.ts";
import type { Scope } from "../../../track/scope.ts";
import { type Condition, holds, holdsNot, sentences } from "../condition.ts";

/** Gateway API's `ListenerStatus`, of a Gateway or a ListenerSet. */
export interface ListenerStatus {
  readonly name: string;
  readonly supportedKinds: readonly { readonly group: string; readonly kind: string }[];
  readonly attachedRoutes: number;
  readonly conditions: readonly Condition[];
}

/** What became of the listeners that an object holds. */
export function listenerStatuses(scope: Scope, holder: Ref, all: readonly ListenerPlan[]): readonly ListenerStatus[] {
  return ownListeners(holder, all).map((listener) => ({
    name: listener.name,
    supportedKinds: listener.kinds.map(supportedKind),
    attachedRoutes: scope.ask(fittingRoutes, listener.key),
    conditions: conditionsOf(listener),
  }));
}

/** Of a Gateway's listeners those that this object holds: the Gateway itself, or one of its ListenerSets. */
export function ownListeners({ type, namespace, name }: Ref, all: readonly ListenerPlan[]): readonly ListenerPlan[] {
  return all.filter(({ holder }) => holder.type === type && holder.namespace === namespace && holder.name === name);
}

/** Whether a listener is one that the mesh takes, though it may have nothing to serve with. */
export function isAccepted({ faults }: ListenerPlan): boolean {
  return ofCondition(faults, "Conflicted").length === 0 && blocking(faults, "Accepted").length === 0;
}

function conditionsOf({ faults, serves }: ListenerPlan): readonly Condition[] {
  const conflicts = ofCondition(faults, "Conflicted");
  const refused = [...conflicts, ...blocking(faults, "Accepted")];
  const unresolved = ofCondition(faults, "ResolvedRefs");
  const [first] = refused;
  return [
    first === undefined ? holds("Accepted", "The mesh takes it.") : holdsNot("Accepted", first.reason, told(refused)),
    programmed(serves, conflicts, faults),
    unresolved[0] === undefined
      ? holds("ResolvedRefs", "All that it refers to was found.")
      : holdsNot("ResolvedRefs", unresolved[0].reason, told(unresolved)),
    conflicts[0] === undefined
      ? holdsNot("Conflicted", "NoConflicts", "No other listener is in its way.")
      : holds("Conflicted", told(conflicts), conflicts[0].reason),
  ];
}

function programmed(serves: boolean, conflicts: readonly ListenerFault[], faults: readonly ListenerFault[]): Condition {
  if (serves) return holds("Programmed", "Its router has it.");
  return holdsNot("Programmed", conflicts[0]?.reason ?? "Invalid", told(faults));
}

function ofCondition(faults: readonly ListenerFault[], condition: ListenerFault["condition"]) {
  return faults.filter((f) => f.condition === condition);
}

function blocking(faults: readonly ListenerFault[], condition: ListenerFault["condition"]) {
  return ofCondition(faults, condition).filter((f) => !f.partial);
}

function told(faults: readonly ListenerFault[]): string {
  return sentences(faults.map((f) => f.message));
}

function supportedKind(type: Type) {
  const kind = kindOf(type);
  return { group: type.slice(kind.length + 1), kind };
}
