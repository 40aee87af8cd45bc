import { meshConfigSchema } from "../../gen/crds.ts";
import type { MeshConfigSpec } from "../../gen/istio/mesh-config.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Resource } from "../../model/resource.ts";
import { formatFault, labelsFault } from "../../plan/telemetry/log-commands.ts";
import { Findings } from "./finding.ts";
import { checkStructure } from "./schema/structural.ts";

/** What of a MeshConfig no proxy could be told: settings that Istio does not have, values of another type. With positions. Pure. */
export function validateMeshConfig({ spec, origin }: Resource): readonly Diagnostic[] {
  const root = new Findings();
  checkStructure(spec, meshConfigSchema(), "MeshConfig", root);
  if (root.diagnostics.length === 0) checkLogFormats(spec as MeshConfigSpec, root);
  return root.diagnostics.map((d) => ({ ...d, position: origin.locate(d.path ?? []) }));
}

/** A format that a proxy would refuse, with all of its listeners: its log is written in Istio's format instead. */
function checkLogFormats(spec: MeshConfigSpec, root: Findings): void {
  const tell = (fault: ReturnType<typeof formatFault>, at: Findings) => {
    if (fault !== undefined) at.warn(`${fault.message}: the log is written in Istio's own format`, fault.fix);
  };
  tell(formatFault(spec.accessLogFormat ?? ""), root.at("accessLogFormat"));
  for (const [i, { envoyFileAccessLog, envoyOtelAls }] of (spec.extensionProviders ?? []).entries()) {
    const provider = root.at("extensionProviders", i);
    for (const [key, said] of Object.entries({ envoyFileAccessLog, envoyOtelAls })) {
      const at = provider.at(key, "logFormat");
      tell(formatFault(said?.logFormat?.text ?? ""), at.at("text"));
      tell(labelsFault(said?.logFormat?.labels), at.at("labels"));
    }
  }
}
