import type { Diagnostic } from "../model/diagnostic.ts";
import type { Resource } from "../model/resource.ts";
import { unsupported } from "./unsupported.ts";
import { validateForEnvoy } from "./validate/envoy/object.ts";
import { validateMeshConfig } from "./validate/mesh-config.ts";
import { validateObject } from "./validate/object.ts";

/** All that can be said of one object by itself: what is wrong with it, and of a good one what has no effect yet. Pure. */
export function judge(resource: Resource): readonly Diagnostic[] {
  const istio = validateObject(resource);
  const faults = hasError(istio) ? istio : [...istio, ...validateForEnvoy(resource)];
  return hasError(faults) ? faults : [...faults, ...unsupported(resource)];
}

/** The same of the mesh's settings. */
export function judgeMeshConfig(resource: Resource): readonly Diagnostic[] {
  const faults = validateMeshConfig(resource);
  return hasError(faults) ? faults : [...faults, ...unsupported(resource)];
}

function hasError(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.level === "Error");
}
