/** `weft`, or `weft-canary`: what belongs to a revision is named so. */
export function named(what: string, revision: string): string {
  return revision === "default" ? what : `${what}-${revision}`;
}
