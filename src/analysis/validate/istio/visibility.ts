import type { Findings } from "../finding.ts";
import { isDnsLabel } from "../names.ts";

/** Which kind's exportTo it is: a ServiceEntry may say `~` (nobody); a DestinationRule with a selector stays at home. */
export interface ExportRules {
  readonly namespace: string;
  readonly allowNone?: boolean;
  readonly onlyHere?: boolean;
}

/** Checks `exportTo`. `found` is at `spec`. */
export function checkExportTo(exportTo: readonly string[] | undefined, rules: ExportRules, at: Findings): void {
  if (exportTo === undefined || exportTo.length === 0) return;
  const found = at.at("exportTo");
  const seen = new Set<string>();
  exportTo.forEach((entry, i) => {
    const key = entry === "." ? rules.namespace : entry;
    if (seen.has(key)) {
      const message =
        key === entry
          ? `duplicate entries in exportTo for entry ${entry}`
          : `duplicate entries in exportTo: . and current namespace ${key}`;
      found.at(i).error(message, "remove one of the two");
    } else if ((entry === "~" && rules.allowNone) || isVisibility(key)) seen.add(key);
    else
      found
        .at(i)
        .error(
          `only ., *, or a valid DNS 1123 label is allowed as exportTo entry, found "${entry}"`,
          'write ".", "*" or a namespace',
        );
  });
  if (rules.onlyHere && seen.size > 0) checkOnlyHere(seen, rules.namespace, found);
  if (seen.has("*") && exportTo.length > 1)
    found.error("cannot have both public (*) and non-public exportTo values for a resource", 'write "*" alone');
  if (seen.has("~") && exportTo.length > 1)
    found.error("cannot export service entry to no one (~) and someone", 'write "~" alone');
}

function isVisibility(entry: string): boolean {
  return entry === "*" || entry === "." || isDnsLabel(entry);
}

function checkOnlyHere(seen: ReadonlySet<string>, namespace: string, found: Findings): void {
  if (!seen.has(namespace))
    found.error("destination rule with workload selector cannot have exportTo beyond current namespace", 'write "."');
  else if (seen.size > 1)
    found.error("destination rule with workload selector cannot have multiple entries in exportTo", 'write "." alone');
}
