import type { Findings } from "../finding.ts";
import { fqdnFault, isDnsLabel } from "../names.ts";

/** Checks names of gateways: `namespace/name`, `name`, or the old `name.namespace.svc...`. `found` is at the object that has `gateways`. */
export function checkGatewayNames(gateways: readonly string[] | undefined, found: Findings): void {
  for (const [i, gateway] of (gateways ?? []).entries()) {
    const at = found.at("gateways", i);
    const slash = gateway.indexOf("/");
    if (slash < 0) {
      const [name, namespace] = gateway.split(".");
      if (namespace !== undefined) {
        at.warn(
          `using legacy gatewayName format "${gateway}"; prefer the <namespace>/<name> format: "${namespace}/${name}"`,
          `write "${namespace}/${name}"`,
        );
      }
      const fault = fqdnFault(gateway);
      if (fault) at.error(fault, "write namespace/name");
      // Istio looks no further after a name without a namespace, and what it takes is taken here.
      return;
    }
    const [namespace, name] = [gateway.slice(0, slash), gateway.slice(slash + 1)];
    if (namespace === "" || name === "")
      at.error("config namespace and gateway name cannot be empty", "write namespace/name");
    if (!isDnsLabel(namespace)) at.error(`invalid value for namespace: "${namespace}"`, "write namespace/name");
    if (!isDnsLabel(name)) at.error(`invalid value for gateway name: "${name}"`, "write namespace/name");
  }
}
