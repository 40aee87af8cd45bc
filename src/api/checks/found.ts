import type { Outcome } from "../contract/check.ts";

/** What a check finds: nothing where all is well. */
export interface Found {
  readonly outcome: Exclude<Outcome, "ok">;
  readonly says: string;
  readonly hint?: string;
}

/** Names in one line. */
const shown = 5;

/** One finding for all of a kind. */
export function some(
  names: readonly string[],
  outcome: Found["outcome"],
  what: string,
  hint: string,
): readonly Found[] {
  if (names.length === 0) return [];
  const more = names.length > shown ? ` and ${names.length - shown} more` : "";
  return [{ outcome, says: `${names.length} ${what}: ${names.slice(0, shown).join(", ")}${more}`, hint }];
}
