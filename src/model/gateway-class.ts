/** Names of controllers of Gateway API's GatewayClasses that the mesh answers to. */
const controllers: ReadonlySet<string> = new Set(["istio.io/gateway-controller", "weft.dev/gateway-controller"]);

/** Classes that are there without an object, as Istio makes its own. */
const builtIn: ReadonlySet<string> = new Set(["istio", "weft"]);

/** Whether Gateways of a class are the mesh's. `controllerName`: of its GatewayClass; undefined where there is none. */
export function isOwnClass(name: string, controllerName: string | undefined): boolean {
  return controllerName === undefined ? builtIn.has(name) : controllers.has(controllerName);
}

/** Says of a router which Gateway of its namespace it is of. */
export const gatewayNameLabel = "gateway.networking.k8s.io/gateway-name";

/** On all that is made for a Gateway. */
export const managedLabel = "gateway.istio.io/managed";

/** Whether a router is made for a Gateway; one that names Services as its addresses has a router of the user's. */
export function isManaged(addresses: readonly { readonly type?: string }[] | undefined): boolean {
  const [first, ...others] = addresses ?? [];
  return others.length === 0 && (first?.type ?? "IPAddress") === "IPAddress";
}
