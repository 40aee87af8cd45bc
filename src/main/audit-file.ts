import { appendFileSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import type { AuditEntry } from "../api/contract/session.ts";
import type { AuditLog } from "../api/who/audit.ts";
import type { Log } from "../std/log.ts";

/** One file and the one before it: that is all that is kept on disk. */
const mostBytes = 10_000_000;
const mostKept = 500;
/** Of one record: an address may be as long as a browser sends it. */
const mostPath = 2000;
const mostObjects = 200;

/** Who tried to change what: a line of JSON each in `audit.log` of the state folder, for its owner alone, and in the control plane's own log. */
export function auditFile(stateDir: string, log: Log): AuditLog {
  const path = join(stateDir, "audit.log");
  let kept = [...lastOf(path), ...lastOf(`${path}.1`)].slice(0, mostKept);
  let failed = false;
  return {
    write(record) {
      const entry = bounded(record);
      kept = [entry, ...kept].slice(0, mostKept);
      const { at: _, ...said } = entry;
      log.info("asked to change something", said);
      try {
        if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > mostBytes) renameSync(path, `${path}.1`);
        appendFileSync(path, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
        failed = false;
      } catch (error) {
        if (!failed) log.error("the audit log cannot be written", { path, error: (error as Error).message });
        failed = true;
      }
    },
    latest: (most) => kept.slice(0, most),
  };
}

function bounded(record: AuditEntry): AuditEntry {
  const { path, objects } = record;
  return { ...record, path: withoutSecrets(path).slice(0, mostPath), objects: objects.slice(0, mostObjects) };
}

/** No query of ours holds a secret but that of a link, which somebody may have pasted elsewhere. */
function withoutSecrets(path: string): string {
  return path.replace(/([?&]token=)[^&]*/g, "$1[redacted]");
}

function lastOf(path: string): readonly AuditEntry[] {
  try {
    const lines = readFileSync(path, "utf8").trimEnd().split("\n").slice(-mostKept);
    return lines.map((line) => JSON.parse(line) as AuditEntry).reverse();
  } catch {
    return [];
  }
}
