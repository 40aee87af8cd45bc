import type { EnvoyConfigObjectPatch, EnvoyFilterSpec } from "../../../gen/istio/envoy-filter.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Findings } from "../finding.ts";
import { checkRegex } from "../values.ts";
import { presentName } from "./filter-names.ts";
import { checkSelector, checkTarget, type Target } from "./selector.ts";

/** Istio's rules for an EnvoyFilter, but for the patch's own value, which only Envoy's types can judge. Source: istio pkg/config/validation/envoyfilter. */
export function checkEnvoyFilter(resource: Resource, root: Findings): void {
  const spec = resource.spec as EnvoyFilterSpec;
  const found = root.at("spec");
  found.warn(
    "EnvoyFilter exposes internal implementation details that may change at any time. Prefer other APIs if possible, and exercise extreme caution, especially around upgrades.",
  );
  checkSelector(
    spec.workloadSelector?.labels,
    spec.workloadSelector !== undefined,
    found.at("workloadSelector"),
    "Envoy filter",
  );
  checkTarget(spec as Pick<Target, "targetRefs">, found);
  spec.configPatches?.forEach((patch, i) => void checkPatch(patch, found.at("configPatches", i)));
}

/** Looks at one patch. False: Istio looks no further, at its value. */
export function checkPatch(config: EnvoyConfigObjectPatch, found: Findings): boolean {
  const { applyTo, patch, match } = config;
  const operation = patch?.operation;
  if (applyTo === undefined || applyTo === "INVALID")
    return refuse(found, "Envoy filter: missing applyTo", "write for example applyTo: HTTP_FILTER");
  if (patch === undefined) return refuse(found, "Envoy filter: missing patch", "write patch");
  if (operation === undefined || operation === "INVALID")
    return refuse(found.at("patch"), "Envoy filter: missing patch operation", "write for example operation: MERGE");
  if (operation !== "REMOVE" && patch.value === undefined)
    return refuse(found.at("patch"), "Envoy filter: missing patch value for non-remove operation", "write value");
  if (match?.proxy?.proxyVersion)
    checkRegex(match.proxy.proxyVersion, "proxyVersion", found.at("match", "proxy", "proxyVersion"));
  return checkFits(config, found);
}

function refuse(found: Findings, message: string, fix: string): false {
  found.error(message, fix);
  return false;
}

const listenerClass = ["LISTENER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER"];
const routeClass = ["ROUTE_CONFIGURATION", "VIRTUAL_HOST", "HTTP_ROUTE"];

function checkFits({ applyTo = "INVALID", match }: EnvoyConfigObjectPatch, found: Findings): boolean {
  const kinds = (["listener", "routeConfiguration", "cluster", "waypoint"] as const).filter(
    (kind) => match?.[kind] !== undefined,
  );
  if (kinds.length === 0) return true;
  const wants = listenerClass.includes(applyTo)
    ? "listener"
    : routeClass.includes(applyTo)
      ? "routeConfiguration"
      : applyTo === "CLUSTER"
        ? "cluster"
        : undefined;
  const given = kinds[0];
  if (wants !== undefined && given !== wants && given !== "waypoint") {
    const what =
      wants === "listener"
        ? "listener class objects cannot have non listener"
        : wants === "cluster"
          ? "cluster class objects cannot have non cluster"
          : "http route class objects cannot have non route configuration";
    refuse(found.at("match"), `Envoy filter: applyTo for ${what} match`, `write match.${wants}`);
    return wants !== "listener";
  }
  return checkFilterMatch(applyTo, match, found.at("match", "listener", "filterChain", "filter"));
}

const httpManagers = ["envoy.filters.network.http_connection_manager", "envoy.http_connection_manager"];

function checkFilterMatch(applyTo: string, match: EnvoyConfigObjectPatch["match"], found: Findings): boolean {
  const filter = match?.listener?.filterChain?.filter;
  if (filter === undefined) return true;
  if (applyTo === "LISTENER" || applyTo === "FILTER_CHAIN")
    found.warn(`Envoy filter: filter match has no effect when used with ${applyTo}`, "remove it");
  if (!filter.name) return refuse(found, "Envoy filter: filter match has no name to match on", "write name");
  if (filter.subFilter !== undefined) {
    if (applyTo !== "HTTP_FILTER") {
      const message = "Envoy filter: subfilter match can be used with applyTo HTTP_FILTER only";
      return refuse(found, message, "remove subFilter");
    }
    if (!httpManagers.includes(filter.name)) {
      const message = `Envoy filter: subfilter match requires filter match with ${httpManagers[0]}`;
      return refuse(found, message, "write that name");
    }
    if (!filter.subFilter.name)
      return refuse(found, "Envoy filter: subfilter match has no name to match on", "write subFilter.name");
    tellRenamed(filter.subFilter.name, true, found.at("subFilter", "name"));
  }
  tellRenamed(filter.name, false, found.at("name"));
  return true;
}

function tellRenamed(name: string, isHttp: boolean, found: Findings): void {
  const now = presentName(name, isHttp);
  if (now !== undefined)
    found.warn(`using deprecated filter name ${JSON.stringify(name)}; use ${JSON.stringify(now)} instead`);
}
