import { isTls } from "../protocol.ts";
import type { Service } from "../service.ts";

/** Where a service's names are resolved by who calls them, TLS goes where its server name leads. */
export function byName({ resolution, ports }: Service, port: number): { readonly byName?: number } {
  const found = ports.find((p) => p.number === port);
  if (resolution !== "dynamic-dns" || found === undefined || !isTls(found.protocol)) return {};
  return { byName: typeof found.targetPort === "number" ? found.targetPort : port };
}
