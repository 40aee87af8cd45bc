import type { DestinationRuleSpec } from "../../gen/istio/destination-rule.ts";
import type { VirtualServiceSpec } from "../../gen/istio/virtual-service.ts";
import { fullHost } from "../../model/full-host.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import { closest } from "../../std/closest.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import { type Analyzer, type Finding, forEach, report } from "../finding.ts";
import { destinationsOf, type PlacedDestination } from "./destination-hosts.ts";

/** Full host → names of its subsets in any DestinationRule. Key: none. */
const subsetsByHost: Step<ReadonlyMap<string, readonly string[]>> = {
  name: "analysis/subsetsByHost",
  run: (scope) => {
    const { domain } = scope.ask(mesh, "");
    const found = new Map<string, string[]>();
    for (const { namespace, spec } of listAll<DestinationRuleSpec>(scope, types.DestinationRule)) {
      const host = fullHost(spec.host ?? "", namespace, domain).toLowerCase();
      found.set(host, [...(found.get(host) ?? []), ...(spec.subsets ?? []).map((s) => s.name)]);
    }
    return found;
  },
};

export const destinationSubsets: Analyzer = {
  name: "virtualservice.DestinationRuleAnalyzer",
  description: "Checks the destination rules associated with each virtual service",
  inputs: [types.VirtualService, types.DestinationRule],
  codes: ["IST0101"],
  also: ["KIA1107"],
  step: forEach<VirtualServiceSpec>("destinationSubsets", types.VirtualService, (scope, vs) =>
    destinationsOf(vs.spec).flatMap((d) => checkSubset(scope, vs, d)),
  ),
};

function checkSubset(scope: Scope, vs: Resource<VirtualServiceSpec>, placed: PlacedDestination): Finding[] {
  const { host = "", subset } = placed.destination;
  if (subset === undefined || subset === "") return [];
  const { domain } = scope.ask(mesh, "");
  const known = scope.ask(subsetsByHost, "").get(fullHost(host, vs.namespace, domain).toLowerCase());
  if (known?.includes(subset)) return [];
  const what = placed.mirror ? "mirror+subset in destinationrule" : "host+subset in destinationrule";
  const line = placed.path.includes("mirrors") ? {} : { line: [...placed.path, "host"] };
  const place = { path: [...placed.path, "subset"], ...line, fix: subsetFix(host, subset, known) };
  const also = "KIA1107";
  return [report(vs, "IST0101", [what, `${host}+${subset}`], { ...place, also })];
}

function subsetFix(host: string, subset: string, known: readonly string[] | undefined): string {
  if (known === undefined) return `no DestinationRule is for ${host}: add one with a subset "${subset}"`;
  const meant = closest(subset, known);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  const there = known.length === 0 ? "it has none yet" : `there are ${known.join(", ")}`;
  return `add the subset to ${host}'s DestinationRule (${there})`;
}
