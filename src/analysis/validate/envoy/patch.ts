import type { EnvoyConfigObjectPatch, EnvoyFilterSpec } from "../../../gen/istio/envoy-filter.ts";
import { codes } from "../../../model/codes.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Findings } from "../finding.ts";
import { checkMessage } from "./message.ts";

const inserts = ["INSERT_BEFORE", "INSERT_AFTER", "INSERT_FIRST"];
const merges = ["MERGE", "MERGE_AND_REPLACE_LIST"];

/** What each kind of patch changes, and what can be done to it. An insertion where there is no order is an addition, as in Istio. */
const patched: Readonly<Record<string, { readonly type: string; readonly operations: readonly string[] }>> = {
  LISTENER: { type: "envoy.config.listener.v3.Listener", operations: [...merges, "ADD", "REMOVE", ...inserts] },
  LISTENER_FILTER: {
    type: "envoy.config.listener.v3.ListenerFilter",
    operations: [...merges, "ADD", "REMOVE", "REPLACE", ...inserts],
  },
  FILTER_CHAIN: { type: "envoy.config.listener.v3.FilterChain", operations: [...merges, "ADD", "REMOVE", ...inserts] },
  NETWORK_FILTER: {
    type: "envoy.config.listener.v3.Filter",
    operations: [...merges, "ADD", "REMOVE", "REPLACE", ...inserts],
  },
  HTTP_FILTER: {
    type: "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter",
    operations: [...merges, "ADD", "REMOVE", "REPLACE", ...inserts],
  },
  ROUTE_CONFIGURATION: { type: "envoy.config.route.v3.RouteConfiguration", operations: merges },
  VIRTUAL_HOST: {
    type: "envoy.config.route.v3.VirtualHost",
    operations: [...merges, "ADD", "REMOVE", "REPLACE", ...inserts],
  },
  HTTP_ROUTE: { type: "envoy.config.route.v3.Route", operations: [...merges, "ADD", "REMOVE", "REPLACE", ...inserts] },
  CLUSTER: { type: "envoy.config.cluster.v3.Cluster", operations: [...merges, "ADD", "REMOVE", ...inserts] },
  EXTENSION_CONFIG: { type: "envoy.config.core.v3.TypedExtensionConfig", operations: ["ADD", ...inserts] },
  BOOTSTRAP: { type: "envoy.config.bootstrap.v3.Bootstrap", operations: merges },
};

/** The message that a kind of patch changes: `envoy.config.cluster.v3.Cluster` for `CLUSTER`. */
export function patchedType(applyTo: string): string | undefined {
  return Object.hasOwn(patched, applyTo) ? patched[applyTo]?.type : undefined;
}

/** What this mesh demands of an EnvoyFilter beyond Istio's own rules: a patch that could never change anything is refused, with the reason. */
export function checkPatches(resource: Resource, root: Findings): void {
  const spec = (resource.spec ?? {}) as EnvoyFilterSpec;
  const found = root.at("spec");
  spec.targetRefs?.forEach(({ kind }, i) => {
    if (kind !== "Gateway")
      found
        .at("targetRefs", i, "kind")
        .error(
          `a ${kind} is patched at its waypoint, and there are no waypoints`,
          "name a Gateway, or use workloadSelector",
          codes.refused,
        );
  });
  spec.configPatches?.forEach((patch, i) => void checkPatch(patch, found.at("configPatches", i)));
}

function checkPatch({ applyTo = "INVALID", patch }: EnvoyConfigObjectPatch, found: Findings): void {
  const kind = Object.hasOwn(patched, applyTo) ? patched[applyTo] : undefined;
  if (kind === undefined || patch?.operation === undefined) return;
  if (!kind.operations.includes(patch.operation))
    found
      .at("patch", "operation")
      .error(
        `${patch.operation} does nothing to a ${applyTo}`,
        `write one of ${kind.operations.join(", ")}`,
        codes.refused,
      );
  if (patch.operation !== "REMOVE" && patch.value !== undefined)
    checkMessage(kind.type, patch.value, found.at("patch", "value"));
}
