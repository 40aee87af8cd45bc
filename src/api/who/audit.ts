import type { AuditEntry } from "../contract/session.ts";

/** Where attempts to change something are kept, whoever made them and whatever came of them. Never throws. */
export interface AuditLog {
  write(record: AuditEntry): void;
  /** The latest, newest first. */
  latest(most: number): readonly AuditEntry[];
}

/** Nobody keeps them. */
export const noAudit: AuditLog = { write: () => {}, latest: () => [] };
