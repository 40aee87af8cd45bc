import type { Diagnostic } from "../model/diagnostic.ts";
import type { Scope, Step } from "../track/scope.ts";
import { analyzers } from "./analyzers/list.ts";
import type { Finding } from "./finding.ts";

const usual = analyzers.filter((analyzer) => !analyzer.optional);

/** Everything that the analysers find in the mesh, with positions. Key: none. */
export const analyze: Step<readonly Diagnostic[]> = {
  name: "analysis/analyze",
  run: (scope) => usual.flatMap((analyzer) => scope.ask(analyzer.step, "").map((f) => positioned(scope, f))),
};

/** A finding with its place in the file. */
export function positioned(scope: Scope, finding: Finding): Finding {
  const origin = scope.get(finding.about)?.origin;
  return origin === undefined ? finding : { ...finding, position: origin.locate(finding.path ?? []) };
}
