import type { Destination } from "../../../gen/istio/virtual-service.ts";
import type { Findings } from "../finding.ts";
import { checkPort, wildcardDomainFault } from "../names.ts";
import { checkSubsetName } from "./destination-rule.ts";

/** Checks where a route leads. */
export function checkDestination(destination: Destination | undefined, found: Findings): void {
  if (destination === undefined) {
    found.error("destination is required", "write destination with a host");
    return;
  }
  const fault = destination.host === "*" ? "invalid destination host *" : wildcardDomainFault(destination.host);
  if (fault) found.at("host").error(fault, "write a service's name");
  if (destination.subset) checkSubsetName(destination.subset, found.at("subset"));
  if (destination.port) checkPort(destination.port.number, found.at("port", "number"));
}

/** Checks the weights of several destinations. */
export function checkWeights(routes: readonly { readonly weight?: number }[], found: Findings): void {
  routes.forEach((route, i) => {
    if ((route.weight ?? 0) < 0) found.at(i, "weight").error(`weight ${route.weight} < 0`, "write 0 or more");
  });
  const total = routes.reduce((sum, route) => sum + (route.weight ?? 0), 0);
  if (routes.length > 1 && total === 0)
    found.error("total destination weight = 0", "give each destination a weight, for example 90 and 10");
}
