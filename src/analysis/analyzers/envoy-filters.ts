import type { EnvoyFilterSpec } from "../../gen/istio/envoy-filter.ts";
import type { FieldPath } from "../../model/origin.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { listAll } from "../../track/scope.ts";
import { type Analyzer, type Finding, forAll, report } from "../finding.ts";
import type { IstioCode } from "../messages.ts";

type Patch = NonNullable<EnvoyFilterSpec["configPatches"]>[number];

/** What REPLACE is for. */
const replaceable = new Set(["NETWORK_FILTER", "HTTP_FILTER", "VIRTUAL_HOST"]);

/** Operations that place something beside something else, or change it: they depend on the order of filters. */
const relative = new Set(["INSERT_BEFORE", "INSERT_AFTER", "REMOVE", "REPLACE"]);

export const envoyFilters: Analyzer = {
  name: "envoyfilter.EnvoyPatchAnalyzer",
  description: "Checks an envoyFilters ",
  inputs: [types.EnvoyFilter],
  codes: ["IST0151", "IST0152", "IST0153", "IST0154", "IST0155"],
  step: forAll("envoyFilters", (scope) => {
    // Names of filters that were patched for one version of the proxy, in the order of the objects.
    const versioned = new Set<string>();
    return listAll<EnvoyFilterSpec>(scope, types.EnvoyFilter).flatMap((filter) => checkFilter(filter, versioned));
  }),
};

function checkFilter(filter: Resource<EnvoyFilterSpec>, versioned: Set<string>): Finding[] {
  const findings: Finding[] = [];
  for (const [i, patch] of (filter.spec.configPatches ?? []).entries()) {
    if (patch.patch === undefined) break;
    const name = nameOf(patch);
    const code = codeOf(patch, filter.spec.priority ?? 0, versioned.has(name));
    if (code !== undefined) findings.push(tell(filter, code, ["spec", "configPatches", i, "patch"]));
    if (patch.match?.proxy?.proxyVersion) versioned.add(name);
  }
  return findings;
}

function tell(filter: Resource, code: IstioCode, patch: FieldPath): Finding {
  const fixes: Partial<Record<IstioCode, string>> = {
    IST0151: "set priority, or use INSERT_FIRST or ADD",
    IST0155: "set priority, or use INSERT_FIRST or ADD",
    IST0152: "use REPLACE with applyTo HTTP_FILTER or NETWORK_FILTER, else MERGE",
    IST0153: "use MERGE, or another applyTo",
    IST0154: "use MERGE, or another applyTo",
  };
  // istioctl looks for the line of a value that is a map, and finds none.
  return report(filter, code, [], {
    path: [...patch, "operation"],
    ...(fixes[code] === undefined ? {} : { fix: fixes[code] }),
  });
}

function codeOf({ applyTo, patch }: Patch, priority: number, seen: boolean): IstioCode | undefined {
  const operation = patch?.operation ?? "";
  const ofRoutes = applyTo === "ROUTE_CONFIGURATION" || applyTo === "HTTP_ROUTE";
  if (operation === "ADD") return ofRoutes ? "IST0153" : undefined;
  if (operation === "REMOVE" && ofRoutes) return "IST0154";
  if (operation === "REPLACE" && !replaceable.has(applyTo ?? "")) return "IST0152";
  if (!relative.has(operation) || priority !== 0) return undefined;
  return seen ? "IST0155" : "IST0151";
}

/** The filter that a patch makes or, where it does not say, looks for. */
function nameOf({ patch, match }: Patch): string {
  const value = patch?.value as Readonly<Record<string, unknown>> | undefined;
  if (value === undefined) return "";
  if (value["name"] !== undefined) return String(value["name"]);
  return match?.listener?.filterChain?.filter?.name ?? "";
}
