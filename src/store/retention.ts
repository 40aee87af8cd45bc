import type { DatabaseSync } from "node:sqlite";
import type { Buckets } from "../model/sample.ts";
import { addBuckets, decodeBuckets, encodeBuckets } from "./histogram.ts";

/** How long and how much is kept. Milliseconds and bytes. */
export interface Retention {
  readonly fine: number;
  readonly coarse: number;
  readonly bytes: number;
}

export const minute = 60_000;

/** Six hours of every look, a day of minutes, 200 MB. */
export const defaultRetention: Retention = { fine: 6 * 60 * minute, coarse: 24 * 60 * minute, bytes: 200_000_000 };

/** The last moment that the coarse table speaks for; what came later is in the fine one alone. */
export function rolledUntil(db: DatabaseSync): number {
  return Number(db.prepare("SELECT max(t) AS t FROM coarse").get()?.["t"] ?? 0);
}

/**
 * Sums every whole minute before `at` that was not summed yet into one row a series. A row's time is the end of its minute: it speaks for
 * `(t - 1 min, t]`.
 */
export function rollUp(db: DatabaseSync, at: number, bounds: (series: number) => readonly number[]): void {
  const until = Math.floor(at / minute) * minute;
  const from = rolledUntil(db);
  const oldest = Number(
    db.prepare("SELECT min(t) AS t FROM fine WHERE t > ? AND t <= ?").get(from, until)?.["t"] ?? until + 1,
  );
  const rows = db.prepare("SELECT series, value, buckets FROM fine WHERE t > ? AND t <= ?");
  const insert = db.prepare("INSERT OR REPLACE INTO coarse (t, series, value, buckets) VALUES (?, ?, ?, ?)");
  for (let end = Math.ceil(oldest / minute) * minute; end <= until; end += minute) {
    const sums = new Map<number, { value: number; buckets: Buckets | undefined }>();
    for (const row of rows.iterate(end - minute, end)) {
      const id = Number(row["series"]);
      const blob = row["buckets"];
      const buckets = blob instanceof Uint8Array ? decodeBuckets(blob, bounds(id)) : undefined;
      const sum = sums.get(id);
      if (sum === undefined) sums.set(id, { value: Number(row["value"]), buckets });
      else {
        sum.value += Number(row["value"]);
        if (buckets) sum.buckets = sum.buckets ? addBuckets(sum.buckets, buckets) : buckets;
      }
    }
    for (const [id, sum] of sums) insert.run(end, id, sum.value, sum.buckets ? encodeBuckets(sum.buckets) : null);
  }
}

/** Drops what is older than its time. */
export function prune(db: DatabaseSync, at: number, retention: Retention): void {
  db.prepare("DELETE FROM fine WHERE t <= ?").run(at - retention.fine);
  db.prepare("DELETE FROM coarse WHERE t <= ?").run(at - retention.coarse);
  db.prepare("DELETE FROM looks WHERE t <= ?").run(at - Math.max(retention.fine, retention.coarse));
}

/** Bytes of the pages in use. */
export function sizeOf(db: DatabaseSync): number {
  const pragma = (name: string) => Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
  return (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
}

/** Drops the oldest fine samples, then the oldest coarse ones, a tenth of the time at once, until the file is below its size. */
export function shrink(db: DatabaseSync, bytes: number): void {
  for (let round = 0; round < 200 && sizeOf(db) > bytes; round++) {
    if (!dropOldestTenth(db, "fine") && !dropOldestTenth(db, "coarse")) return;
  }
}

function dropOldestTenth(db: DatabaseSync, table: "fine" | "coarse"): boolean {
  const range = db.prepare(`SELECT min(t) AS first, max(t) AS last FROM ${table}`).get();
  if (range?.["first"] === null || range === undefined) return false;
  const first = Number(range["first"]);
  const last = Number(range["last"]);
  if (first === last) return false;
  return db.prepare(`DELETE FROM ${table} WHERE t <= ?`).run(first + (last - first) / 10).changes !== 0;
}
