/** Controller of Gateway API's GatewayClasses: always the mesh's. */
export const weftController = "weft.dev/gateway-controller";
/** Istio's own name: the mesh answers to it where Istio itself does not. */
export const istioController = "istio.io/gateway-controller";

/** Classes that are there without an object, as Istio makes its own. */
const builtIn: ReadonlyMap<string, string> = new Map([
  ["istio", istioController],
  ["weft", weftController],
]);

/** The mesh's controller of a class; undefined where it is another's. `said`: of its GatewayClass; undefined where there is none. */
export function controllerOfClass(name: string, said: string | undefined): string | undefined {
  if (said === undefined) return builtIn.get(name);
  return said === weftController || said === istioController ? said : undefined;
}

/** Whether Gateways of a class are the mesh's. */
export function isOwnClass(name: string, said: string | undefined): boolean {
  return controllerOfClass(name, said) !== undefined;
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
