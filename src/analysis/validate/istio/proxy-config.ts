import type { ProxyConfigSpec } from "../../../gen/istio/proxy-config.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Findings } from "../finding.ts";
import { checkSelector } from "./selector.ts";

/** Istio's rules for a ProxyConfig. Source: istio pkg/config/validation. */
export function checkProxyConfig(resource: Resource, root: Findings): void {
  const spec = resource.spec as ProxyConfigSpec;
  const found = root.at("spec");
  checkSelector(spec.selector?.matchLabels, spec.selector !== undefined, found.at("selector"));
  if ((spec.concurrency ?? 0) < 0)
    found.at("concurrency").error("concurrency must be greater than or equal to 0", "write 0 for all cores");
}
