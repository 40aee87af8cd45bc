/** What the address of the audit log carries beside the table's own. */
export interface AuditSearch {
  /** Only what was done, or what was not. */
  readonly outcome?: "done" | "not" | undefined;
}

/** Reads the address; what makes no sense there is as if absent. */
export function readAudit({ outcome }: Readonly<Record<string, unknown>>): AuditSearch {
  return outcome === "done" || outcome === "not" ? { outcome } : {};
}
