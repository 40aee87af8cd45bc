import type { DatabaseSync } from "node:sqlite";
import { minute, oldest, spanOf, type Tier } from "./tiers.ts";

/** How long and how much is kept. Milliseconds and bytes. */
export interface Retention {
  readonly fine: number;
  readonly coarse: number;
  readonly bytes: number;
}

/** Six hours of every look, a day of minutes, 200 MB. */
export const defaultRetention: Retention = { fine: 6 * 60 * minute, coarse: 24 * 60 * minute, bytes: 200_000_000 };

/** What is kept while a disk refuses: enough for the live graph. */
export const inMemory: Retention = { fine: 15 * minute, coarse: 60 * minute, bytes: 64_000_000 };

/** Looks of this time stay, while minutes are left that could go instead. */
const dearest = 30 * minute;

/** Drops what is older than its time, in whole spans, so that no shard of a moment goes before another. */
export function prune(db: DatabaseSync, at: number, retention: Retention): void {
  for (const tier of ["fine", "coarse"] as const) {
    const span = spanOf(tier, retention[tier]);
    dropUntil(db, tier, Math.floor((at - retention[tier]) / span) * span);
  }
  db.prepare("DELETE FROM looks WHERE t <= ?").run(at - Math.max(retention.fine, retention.coarse));
}

/** Bytes of the pages in use. */
export function sizeOf(db: DatabaseSync): number {
  return (pragma(db, "page_count") - pragma(db, "freelist_count")) * pragma(db, "page_size");
}

/** Gives the disk back what is free, where that is much: what a minute's rows leave is filled by the next ones. */
export function giveBack(db: DatabaseSync): void {
  if (pragma(db, "freelist_count") > pragma(db, "page_count") / 4) db.exec("PRAGMA incremental_vacuum");
}

/** Drops spans of time until the file is below its size: the oldest looks but the last half hour, then the oldest minutes, then looks again. */
export function shrink(db: DatabaseSync, at: number, retention: Retention): void {
  const order: readonly (readonly [Tier, number])[] = [
    ["fine", at - dearest],
    ["coarse", at],
    ["fine", at],
  ];
  for (const [tier, last] of order) {
    const span = spanOf(tier, retention[tier]);
    for (let round = 0; round < 200; round++) {
      if (sizeOf(db) <= retention.bytes) return;
      const first = oldest(db, tier);
      if (first === undefined) break;
      const tenth = Math.floor((first + (at - first) / 10) / span) * span;
      const end = Math.max(tenth, Math.ceil(first / span) * span);
      if (end > last || !dropUntil(db, tier, end)) break;
    }
  }
}

function dropUntil(db: DatabaseSync, tier: Tier, end: number): boolean {
  return db.prepare(`DELETE FROM ${tier} WHERE last <= ?`).run(end).changes !== 0;
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}
