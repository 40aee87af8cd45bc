import type { GatewaySpec } from "../../gen/gateway-api/gateway.ts";
import { isManaged } from "../../model/gateway-class.ts";
import { types } from "../../model/types.ts";
import { isOwnGateway } from "../../plan/gateway-api/gateways.ts";
import { listenerSets, mayAdd } from "../../plan/gateway-api/listeners.ts";
import { listAll, type Step } from "../../track/scope.ts";

/** A Gateway of the mesh that gets a router made for it. */
export interface ManagedGateway {
  readonly namespace: string;
  readonly name: string;
  /** `namespace/name` of the ListenerSets that may add to it. */
  readonly sets: readonly string[];
}

/** Key: none. */
export const managedGateways: Step<readonly ManagedGateway[]> = {
  name: "operate/managedGateways",
  run: (scope) =>
    listAll<GatewaySpec>(scope, types.KubernetesGateway)
      .filter((gateway) => isOwnGateway(scope, gateway) && isManaged(gateway.spec.addresses))
      .map((gateway) => ({
        ...{ namespace: gateway.namespace, name: gateway.name },
        sets: listenerSets(scope, gateway)
          .filter((set) => mayAdd(scope, gateway, set))
          .map((set) => `${set.namespace}/${set.name}`),
      })),
};
