import type { DatabaseSync } from "node:sqlite";
import type { Span } from "../../model/span.ts";
import type { SideTable } from "../side-table.ts";

/** The share of the file's bytes that spans may have. */
const shareOfFile = 0.25;

/** What a row takes beside its text: its columns, and its places in four indexes. */
const rowBytes = 400;

const create = `
CREATE TABLE IF NOT EXISTS spans (
  trace TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, parent TEXT, start INTEGER NOT NULL, duration INTEGER NOT NULL, failed INTEGER NOT NULL,
  namespace TEXT NOT NULL, workload TEXT NOT NULL, service TEXT, size INTEGER NOT NULL, rest TEXT NOT NULL, PRIMARY KEY (trace, id, kind)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS spans_start ON spans (start, size);
CREATE INDEX IF NOT EXISTS spans_workload ON spans (namespace, workload, start);
CREATE INDEX IF NOT EXISTS spans_service ON spans (service, start);
`;

/** Spans in the store's file: for as long as minutes are kept, and never more than a share of its bytes. */
export const spanTable: SideTable = {
  create,
  tidy(db, at, retention) {
    db.prepare("DELETE FROM spans WHERE start <= ?").run((at - retention.coarse) * 1000);
    shrink(db, retention.bytes * shareOfFile);
  },
  forgetAfter(db, at) {
    db.prepare("DELETE FROM spans WHERE start > ?").run(at * 1000);
  },
};

/** Bytes that spans take, nearly. */
export function spanBytes(db: DatabaseSync): number {
  return Number(db.prepare("SELECT sum(size) AS bytes FROM spans").get()?.["bytes"] ?? 0);
}

/** Drops the oldest spans until the rest fits, and a tenth more, so that it is not done for each. */
function shrink(db: DatabaseSync, most: number): void {
  let over = spanBytes(db) - most;
  if (over <= 0) return;
  over += most / 10;
  let until = 0;
  for (const row of db.prepare("SELECT start, size FROM spans ORDER BY start").iterate()) {
    until = Number(row["start"]);
    over -= Number(row["size"]);
    if (over <= 0) break;
  }
  db.prepare("DELETE FROM spans WHERE start <= ?").run(until);
}

/** Adds spans; one that is told twice counts once. */
export function insertSpans(db: DatabaseSync, spans: readonly Span[]): void {
  const insert = db.prepare("INSERT OR REPLACE INTO spans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (const span of spans) {
    const rest = JSON.stringify([span.name, span.pod ?? null, span.tags]);
    insert.run(
      ...[span.trace, span.id, span.kind, span.parent ?? null, span.start, span.duration, span.failed ? 1 : 0],
      ...[span.namespace, span.workload, span.service ?? null, rest.length + rowBytes, rest],
    );
  }
}

/** The reverse. */
export function spanOf(row: Readonly<Record<string, unknown>>): Span {
  const [name, pod, tags] = JSON.parse(String(row["rest"])) as [string, string | null, Record<string, string>];
  const parent = row["parent"];
  const service = row["service"];
  return {
    trace: String(row["trace"]),
    id: String(row["id"]),
    ...(typeof parent === "string" ? { parent } : {}),
    kind: row["kind"] as Span["kind"],
    name,
    start: Number(row["start"]),
    duration: Number(row["duration"]),
    failed: row["failed"] === 1,
    namespace: String(row["namespace"]),
    workload: String(row["workload"]),
    ...(pod === null ? {} : { pod }),
    ...(typeof service === "string" ? { service } : {}),
    tags,
  };
}
