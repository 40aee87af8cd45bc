import type { Diagnostic } from "../model/diagnostic.ts";
import { get, type Snapshot } from "../model/snapshot.ts";
import type { Analyzer, Finding } from "./finding.ts";
import { type Asked, run, usual } from "./run.ts";
import { heard } from "./silence.ts";

/**
 * Everything that the analysers find in the mesh, with positions, but for what nobody wants to hear of. Each analyser's answer is kept by whoever is
 * asked, and each place by its object: after an edit it costs what the edit changes.
 */
export function analyze(
  mesh: Asked & { readonly snapshot: Snapshot },
  chosen: readonly Pick<Analyzer, "name" | "step">[] = usual,
): readonly Diagnostic[] {
  const { snapshot } = mesh;
  return chosen.flatMap((analyzer) => {
    const { found, fault } = run(mesh, analyzer);
    const told = heard(snapshot, found).map((finding) => positioned(snapshot, finding));
    return fault === undefined ? told : [...told, ...heard(snapshot, [fault])];
  });
}

function positioned(snapshot: Snapshot, finding: Finding): Finding {
  const about = get(snapshot, finding.about);
  return about === undefined ? finding : { ...finding, position: about.origin.locate(finding.path ?? []) };
}
