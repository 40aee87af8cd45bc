import { analyze } from "../analysis/analyze.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { Diagnostic } from "../model/diagnostic.ts";

/** What the analysers find in the mesh as it is now. */
export function findings(discovery: Discovery): readonly Diagnostic[] {
  return discovery.tracker.ask(analyze, "");
}
