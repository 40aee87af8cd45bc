import type { Diagnostic } from "../model/diagnostic.ts";
import type { Resource } from "../model/resource.ts";
import { unsupported } from "./unsupported.ts";
import { validateMeshConfig } from "./validate/mesh-config.ts";
import { validateObject } from "./validate/object.ts";

/** All that can be said of one object by itself: what is wrong with it, and of a good one what has no effect yet. Pure. */
export function judge(resource: Resource): readonly Diagnostic[] {
  const faults = validateObject(resource);
  return faults.some((d) => d.level === "Error") ? faults : [...faults, ...unsupported(resource)];
}

/** The same of the mesh's settings. */
export function judgeMeshConfig(resource: Resource): readonly Diagnostic[] {
  const faults = validateMeshConfig(resource);
  return faults.some((d) => d.level === "Error") ? faults : [...faults, ...unsupported(resource)];
}
