import type { MeshConfigSpec } from "../../gen/istio/mesh-config.ts";

/** What Envoy's makers advise at the edge: what a client does not take waits at the service, not in the gateway. */
const usual = 32_768;

/** How many bytes wait in one connection from a gateway to a service; of the whole mesh's `connectionSettings`. */
export function gatewayBufferBytes({ defaultConfig }: MeshConfigSpec): number {
  const said: unknown = defaultConfig?.connectionSettings?.clusterPerConnectionBufferLimitBytes;
  return typeof said === "number" && Number.isInteger(said) && said > 0 ? said : usual;
}
