import type { EnvoyFilterSpec } from "../gen/istio/envoy-filter.ts";
import { codes } from "../model/codes.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { FieldPath } from "../model/origin.ts";
import type { Proxy } from "../model/proxy.ts";
import type { Resource } from "../model/resource.ts";
import { all, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { patchName } from "../plan/patch/patch.ts";
import type { PatchHit } from "./resources/patched.ts";
import type { Patched } from "./resources/proxy.ts";

/** A proxy with what its patches changed. */
export interface PatchedBy {
  readonly proxy: Pick<Proxy, "name" | "namespace">;
  readonly patched: Patched;
}

type Filter = Resource<EnvoyFilterSpec>;

/** Types of resources, as people call them. */
const words: Readonly<Record<string, string>> = {
  Listener: "listener",
  Cluster: "cluster",
  RouteConfiguration: "route table",
  TypedExtensionConfig: "extension",
};

/**
 * Where each patch of the mesh changed something, in these proxies: an Info for each that did; an error for one that changed nothing anywhere; a
 * warning for an object that chooses none of them. Nothing while there are no proxies.
 */
export function patchFindings(snapshot: Snapshot, proxies: readonly PatchedBy[]): readonly Diagnostic[] {
  if (proxies.length === 0) return [];
  return (all(snapshot, types.EnvoyFilter) as Filter[]).flatMap((filter) => {
    const chosen = proxies.filter(({ patched }) => patched.filters.includes(`${filter.namespace}/${filter.name}`));
    if (chosen.length === 0) return [chooses(filter)];
    return (filter.spec.configPatches ?? []).flatMap((patch, index) =>
      // A bootstrap is written when its proxy starts.
      patch.applyTo === "BOOTSTRAP" ? [] : [tell(filter, index, chosen)],
    );
  });
}

function chooses(filter: Filter): Diagnostic {
  const path = filter.spec.targetRefs === undefined ? ["spec", "workloadSelector"] : ["spec", "targetRefs"];
  return diagnostic(filter, codes.choosesNone, "Warning", path, {
    message: "no workload of the mesh is chosen, so nothing is patched",
    fix: "compare workloadSelector.labels with the labels of Pods, and the namespace with theirs",
  });
}

function tell(filter: Filter, index: number, chosen: readonly PatchedBy[]): Diagnostic {
  const name = patchName({ ref: filter, index });
  const path = ["spec", "configPatches", index];
  const touched = chosen.flatMap(({ proxy, patched }) => {
    const own = patched.hits.filter((hit) => hit.patch === name);
    return own.length === 0 ? [] : [{ proxy, own }];
  });
  if (touched.length === 0) {
    const of =
      chosen.length === 1 ? "the one proxy that is chosen" : `any of the ${chosen.length} proxies that are chosen`;
    return diagnostic(filter, codes.patchNowhere, "Error", path, {
      message: `this patch changes nothing in ${of}`,
      fix: "look for what its match names with `weft proxy-config listener|route|cluster POD`",
    });
  }
  const resources = [...new Set(touched.flatMap(({ own }) => own.map(resourceText)))];
  const names = touched.map(({ proxy }) => `${proxy.name}.${proxy.namespace}`);
  return diagnostic(filter, codes.patchApplied, "Info", path, {
    message: `this patch changes ${some(resources, 4)} of ${some(names, 4)}`,
  });
}

function resourceText({ type, resource }: PatchHit): string {
  const kind = type.slice(type.lastIndexOf(".") + 1);
  return `${words[kind] ?? kind} ${resource}`;
}

function some(all: readonly string[], most: number): string {
  const shown = all.slice(0, most).join(", ");
  return all.length > most ? `${shown} and ${all.length - most} more` : shown;
}

function diagnostic(
  filter: Filter,
  code: string,
  level: Diagnostic["level"],
  path: FieldPath,
  words: Pick<Diagnostic, "message" | "fix">,
): Diagnostic {
  const { type, namespace, name, origin } = filter;
  return { code, level, about: { type, namespace, name }, path, position: origin.locate(path), ...words };
}
