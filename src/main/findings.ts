import { analyze } from "../analysis/analyze.ts";
import type { Discovery } from "../discovery/discovery.ts";
import { patchFindings } from "../discovery/patch-findings.ts";
import type { Diagnostic } from "../model/diagnostic.ts";

/** What the analysers find in the mesh as it is now, and what patches do to its proxies. */
export function findings(discovery: Discovery): readonly Diagnostic[] {
  return [
    ...discovery.tracker.ask(analyze, ""),
    ...(discovery.synced ? patchFindings(discovery.snapshot, discovery.patched()) : []),
  ];
}
