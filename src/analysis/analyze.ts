import type { Diagnostic } from "../model/diagnostic.ts";
import type { Scope, Step } from "../track/scope.ts";
import { analyzers } from "./analyzers/list.ts";
import type { Finding } from "./finding.ts";
import { isSilenced, silencedBy } from "./silence.ts";

const usual = analyzers.filter((analyzer) => !analyzer.optional);

/** Everything that the analysers find in the mesh, with positions, but for what objects silence themselves. Key: none. */
export const analyze: Step<readonly Diagnostic[]> = {
  name: "analysis/analyze",
  run: (scope) => usual.flatMap((analyzer) => scope.ask(analyzer.step, "").flatMap((f) => positioned(scope, f) ?? [])),
};

/** A finding with its place in the file; undefined where its object does not want to hear of it. */
function positioned(scope: Scope, finding: Finding): Finding | undefined {
  const about = scope.get(finding.about);
  if (about === undefined) return finding;
  if (isSilenced(silencedBy(about.annotations), finding)) return undefined;
  return { ...finding, position: about.origin.locate(finding.path ?? []) };
}
