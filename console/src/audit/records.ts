import type { AuditEntry } from "../../../src/api/contract/session.ts";

/** What came of an attempt. `cut`: the answer never got there. */
export type Outcome = "done" | "refused" | "failed" | "cut";

export function outcomeOf({ status }: Pick<AuditEntry, "status">): Outcome {
  if (status === 0) return "cut";
  if (status < 400) return "done";
  return status < 500 ? "refused" : "failed";
}

/** What was asked for, as people say it: the objects where some are named, else the last words of the path. */
export function whatOf({ objects, path }: Pick<AuditEntry, "objects" | "path">): string {
  if (objects.length > 0) return objects.join(", ");
  return (path.split("?")[0] ?? "").replace(/^\/api\/v1\//, "").replaceAll("/", " ");
}

/** Records as a table that other programs read (RFC 4180). A cell that a spreadsheet would run begins with an apostrophe. */
export function csvOf(records: readonly AuditEntry[]): string {
  const rows = records.map((one) => [
    new Date(one.at).toISOString(),
    ...[one.who, one.how, one.from, one.method, one.path, String(one.status), one.objects.join("; ")],
  ]);
  const cell = (text: string) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  const head = ["time", "who", "how", "from", "method", "path", "status", "objects"];
  return [head, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
