import type { Proxy } from "../../model/proxy.ts";
import type { Patch } from "../../plan/patch/patch.ts";
import { patchedProxy, patchesFor } from "../../plan/patch/selection.ts";
import type { Step } from "../../track/scope.ts";

/** Patches of a proxy's bootstrap, in the order in which they are applied. Key: `proxyKey`. */
export const bootstrapPatches: Step<readonly Patch[]> = {
  name: "discovery/bootstrapPatches",
  run: (scope, key) => {
    const proxy = JSON.parse(key) as Proxy;
    const chosen = patchedProxy(scope, proxy);
    if (chosen === undefined) return [];
    const contexts = ["ANY", ...(proxy.kind === "router" ? ["GATEWAY"] : ["SIDECAR_INBOUND", "SIDECAR_OUTBOUND"])];
    const all = JSON.parse(scope.ask(patchesFor, JSON.stringify(chosen))) as readonly Patch[];
    return all.filter((patch) => patch.applyTo === "BOOTSTRAP" && contexts.includes(patch.context));
  },
};
