import type { GatewaySpec } from "../../gen/gateway-api/gateway.ts";
import type { GatewayClassSpec } from "../../gen/gateway-api/gateway-class.ts";
import { fullHost } from "../../model/full-host.ts";
import { controllerOfClass, gatewayNameLabel, isManaged, istioController } from "../../model/gateway-class.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import type { RouterKey } from "../gateway/selection.ts";
import { mesh } from "../mesh.ts";
import { serviceFor } from "../registry.ts";

/** A Gateway of the mesh, as far as it chooses routers. */
interface ChosenGateway {
  readonly namespace: string;
  readonly name: string;
  /** Full names of the Services that it names as its addresses; absent where a router is made for it. */
  readonly services?: readonly string[];
}

/** Whether a Gateway is the mesh's, by its class. */
export function isOwnGateway(scope: Scope, { spec }: Resource<GatewaySpec>): boolean {
  return ownController(scope, spec.gatewayClassName) !== undefined;
}

/** The name by which the mesh controls Gateways of a class; undefined where they are another's. */
export function ownController(scope: Scope, className: string): string | undefined {
  const ref = { type: types.GatewayClass, namespace: "", name: className };
  const found = controllerOfClass(className, scope.get<GatewayClassSpec>(ref)?.spec.controllerName);
  return found === istioController && scope.ask(besideIstio, "") ? undefined : found;
}

/**
 * Whether Istio itself is installed in the cluster: then Gateways of its classes are its own. Told by its Service, which stays while its Pods are
 * away. Key: none.
 */
export const besideIstio: Step<boolean> = {
  name: "plan/besideIstio",
  run: (scope) => scope.namespaces(types.Service).some((namespace) => scope.ask(hasIstiod, namespace)),
};

/** Key: namespace. */
const hasIstiod: Step<boolean> = {
  name: "plan/hasIstiod",
  run: (scope, namespace) =>
    scope
      .list<{ readonly selector?: Readonly<Record<string, string>> }>(types.Service, namespace)
      .some(({ spec }) => spec.selector?.["app"] === "istiod"),
  early: true,
};

/** All Gateways of the mesh, the oldest first. Key: none. */
const chosenGateways: Step<readonly ChosenGateway[]> = {
  name: "plan/apiGateways",
  run: (scope) =>
    listAll<GatewaySpec>(scope, types.KubernetesGateway)
      .filter((gateway) => isOwnGateway(scope, gateway))
      .sort((a, b) => a.createdAt - b.createdAt || (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1))
      .map(({ namespace, name, spec }) => ({
        namespace,
        name,
        ...(isManaged(spec.addresses) ? {} : { services: serviceNames(scope, namespace, spec) }),
      })),
};

function serviceNames(scope: Scope, namespace: string, { addresses = [] }: GatewaySpec): readonly string[] {
  const { domain } = scope.ask(mesh, "");
  return addresses.flatMap(({ type, value }) =>
    type === "Hostname" && value ? [fullHost(value, namespace, domain).toLowerCase()] : [],
  );
}

/** Gateways of Gateway API that a router serves: `namespace/name`, the oldest first. Key: JSON of `RouterKey`. */
export const apiGatewaysFor: Step<readonly string[]> = {
  name: "plan/apiGatewaysFor",
  run: (scope, key) => {
    const router = JSON.parse(key) as RouterKey;
    return scope
      .ask(chosenGateways, "")
      .filter(({ namespace, name, services }) =>
        services === undefined
          ? namespace === router.namespace && router.labels[gatewayNameLabel] === name
          : services.some((host) => isBehind(scope, router, namespace, host)),
      )
      .map(({ namespace, name }) => `${namespace}/${name}`);
  },
};

/** Whether a router is one of those that a Service of the mesh selects. */
function isBehind(scope: Scope, router: RouterKey, viewer: string, host: string): boolean {
  const service = scope.ask(serviceFor, `${viewer}|${host}`);
  if (service?.kind !== "Service" || service.namespace !== router.namespace) return false;
  const pairs = Object.entries(service.selector ?? {});
  return pairs.length > 0 && pairs.every(([key, value]) => router.labels[key] === value);
}
