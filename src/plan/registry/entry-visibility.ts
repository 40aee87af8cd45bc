import { selects } from "../../model/label-selector.ts";
import { types } from "../../model/types.ts";
import type { Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";

/** How far a namespace's ServiceEntries are seen, whatever they say themselves. */
export type EntryVisibility = "PUBLIC" | "NAMESPACE" | "NONE";

/**
 * What MeshConfig's serviceEntryVisibility says of a namespace's ServiceEntries: the first policy of which all rules hold, else the default. As
 * in Istio sidecars go by it only with `applyToSidecars`. Key: namespace.
 */
export const entryVisibility: Step<EntryVisibility> = {
  name: "plan/entryVisibility",
  run: (scope, namespace) => {
    const said = scope.ask(mesh, "").raw.serviceEntryVisibility;
    if (said?.applyToSidecars !== true) return "PUBLIC";
    const object = scope.get({ type: types.Namespace, namespace: "", name: namespace });
    const labels = { ...object?.labels, "kubernetes.io/metadata.name": namespace };
    const policy = said.policies?.find((p) =>
      (p.matchingRules ?? []).every((rule) => selects(rule.namespaceSelector ?? {}, labels)),
    );
    const chosen = policy === undefined ? said.defaultVisibility : policy.visibility;
    return chosen === "NAMESPACE" || chosen === "NONE" ? chosen : "PUBLIC";
  },
};
