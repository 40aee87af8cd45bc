import type { PeerAuthenticationSpec } from "../../../gen/istio/peer-authentication.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Findings } from "../finding.ts";
import { checkSelector } from "./selector.ts";

/** Istio's rules for a PeerAuthentication. Source: istio pkg/config/validation. */
export function checkPeerAuthentication(resource: Resource, root: Findings): void {
  const spec = resource.spec as PeerAuthenticationSpec;
  const found = root.at("spec");
  const ports = Object.keys(spec.portLevelMtls ?? {});
  const selects = Object.keys(spec.selector?.matchLabels ?? {}).length > 0;
  const at = found.at("portLevelMtls");
  if (!selects && ports.length > 0)
    at.error("mesh/namespace peer authentication cannot have port level mTLS", "write a selector");
  if (spec.portLevelMtls !== undefined && ports.length === 0)
    at.error("port level mTLS, if defined, must have at least one element", "remove it");
  for (const port of ports) {
    if (!/^[0-9]+$/.test(port) || Number(port) < 1 || Number(port) > 65535)
      at.at(port).error("port must be in range 1..65535", "write a port's number");
  }
  checkSelector(spec.selector?.matchLabels, spec.selector !== undefined, found.at("selector"));
}
