import type { Ref, Type } from "../../../model/resource.ts";
import { types } from "../../../model/types.ts";
import { routeTypes } from "../../../plan/gateway-api/attachments.ts";
import { routeStatusKey } from "../../../plan/gateway-api/route-status.ts";
import type { Tracker } from "../../../track/tracker.ts";
import type { Json } from "../merge.ts";
import { gatewayClassStatus } from "./class-status.ts";
import { gatewayStatus } from "./gateway-status.ts";
import { listenerSetStatus } from "./listener-set-status.ts";
import { policyAncestors } from "./policy-ancestors.ts";
import { routeParents } from "./route-parents.ts";

/** Types of Gateway API that have a status of the mesh's. */
export const gatewayApiTypes: readonly Type[] = [
  types.GatewayClass,
  types.KubernetesGateway,
  types.ListenerSet,
  ...routeTypes,
  types.BackendTlsPolicy,
];

/** What the status of an object of Gateway API shall say; undefined where that is another controller's. */
export function gatewayApiStatus(tracker: Pick<Tracker, "ask">, ref: Ref): Json | undefined {
  const { type, namespace, name } = ref;
  const key = `${namespace}/${name}`;
  if (type === types.GatewayClass) return tracker.ask(gatewayClassStatus, name) as Json | undefined;
  if (type === types.KubernetesGateway) {
    const status = tracker.ask(gatewayStatus, key);
    return status && { attachedListenerSets: undefined, ...status };
  }
  if (type === types.ListenerSet) return tracker.ask(listenerSetStatus, key) as Json | undefined;
  if (type === types.BackendTlsPolicy) return { ancestors: tracker.ask(policyAncestors, key) };
  return routeTypes.includes(type) ? { parents: tracker.ask(routeParents, routeStatusKey(ref)) } : undefined;
}
