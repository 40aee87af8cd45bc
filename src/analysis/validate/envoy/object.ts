import type { Diagnostic } from "../../../model/diagnostic.ts";
import type { Resource } from "../../../model/resource.ts";
import { types } from "../../../model/types.ts";
import { Findings } from "../finding.ts";
import { checkPatches } from "./patch.ts";
import { checkExtensionHere, checkPluginHere } from "./wasm.ts";

const checks: Readonly<Record<string, (resource: Resource, root: Findings) => void>> = {
  [types.EnvoyFilter]: checkPatches,
  [types.TrafficExtension]: checkExtensionHere,
  [types.WasmPlugin]: checkPluginHere,
};

/** What is refused of an object that Istio would take: Envoy could never take what comes of it, or nothing would. Pure. */
export function validateForEnvoy(resource: Resource): readonly Diagnostic[] {
  const root = new Findings();
  checks[resource.type]?.(resource, root);
  return root.diagnostics;
}
