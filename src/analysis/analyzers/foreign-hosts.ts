import type { VirtualServiceSpec } from "../../gen/istio/virtual-service.ts";
import { fullHost } from "../../model/full-host.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { hostMatches } from "../../plan/host.ts";
import { mesh } from "../../plan/mesh.ts";
import type { Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forEach, ownReport } from "../finding.ts";
import { type KnownHost, knownHosts } from "../hosts.ts";

/**
 * A VirtualService may be for any host, and by default it is for callers of all namespaces: whoever may write one somewhere can lead away the
 * requests to a service of somebody else. As in Istio it holds; here it is told. https://istio.io/latest/news/security/istio-security-2026-002/
 */
export const foreignHosts: Analyzer = {
  name: "virtualservice.ForeignHostAnalyzer",
  description: "Checks whose requests a VirtualService routes that are for a service of another namespace",
  inputs: [types.VirtualService, types.Service, types.ServiceEntry],
  codes: ["WEFT0117"],
  step: forEach<VirtualServiceSpec>("foreignHosts", types.VirtualService, (scope, vs) => {
    const { rootNamespace, defaultVirtualServiceExportTo } = scope.ask(mesh, "");
    const { gateways, hosts = [], exportTo } = vs.spec;
    if (vs.namespace === rootNamespace || (gateways?.length && !gateways.includes("mesh"))) return [];
    const seen = exportTo?.length ? exportTo : defaultVirtualServiceExportTo;
    if (seen.every((namespace) => namespace === "." || namespace === vs.namespace || namespace === "~")) return [];
    return hosts.flatMap((host, index) => told(scope, vs, host, index));
  }),
};

function told(scope: Scope, vs: Resource<VirtualServiceSpec>, host: string, index: number): readonly Finding[] {
  const owner = ownerOf(scope, vs.namespace, host);
  if (owner === undefined) return [];
  const message = `routes requests of other namespaces, too, to ${owner.host}, which is of namespace ${owner.namespace}`;
  return [ownReport(vs, "WEFT0117", message, ["spec", "hosts", index])];
}

/** A service of another namespace that a host of this one means; undefined where there is none, or one of its own as well. */
function ownerOf(scope: Scope, namespace: string, host: string): KnownHost | undefined {
  const { domain } = scope.ask(mesh, "");
  const known = scope.ask(knownHosts, "");
  const full = fullHost(host, namespace, domain).toLowerCase();
  if (!full.startsWith("*")) {
    const services = known.get(full) ?? [];
    return services.some((service) => service.namespace === namespace) ? undefined : services[0];
  }
  for (const [name, services] of known) {
    const foreign = hostMatches(full, name) ? services.find((service) => service.namespace !== namespace) : undefined;
    if (foreign !== undefined) return foreign;
  }
  return undefined;
}
