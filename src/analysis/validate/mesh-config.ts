import { meshConfigSchema } from "../../gen/crds.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Resource } from "../../model/resource.ts";
import { Findings } from "./finding.ts";
import { checkStructure } from "./schema/structural.ts";

/** What of a MeshConfig no proxy could be told: settings that Istio does not have, values of another type. With positions. Pure. */
export function validateMeshConfig({ spec, origin }: Resource): readonly Diagnostic[] {
  const root = new Findings();
  checkStructure(spec, meshConfigSchema(), "MeshConfig", root);
  return root.diagnostics.map((d) => ({ ...d, position: origin.locate(d.path ?? []) }));
}
