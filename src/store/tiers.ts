import type { DatabaseSync } from "node:sqlite";
import { type Block, decodeBlock, encodeBlock } from "./chunk/chunk.ts";
import { joined, summed, until } from "./chunk/merge.ts";

/** Samples of every look, and their sums of whole minutes. A row is a block of one shard, of the times from `first` to `last`. */
export type Tier = "fine" | "coarse";

export const minute = 60_000;
const quarter = 15 * minute;
const hour = 60 * minute;

/** Rows of these spans become one in the end: fewer bytes, while what is asked for stays small. */
const spanOfTier: Readonly<Record<Tier, number>> = { fine: quarter, coarse: hour };

/** No row is longer. */
export const longestRow = hour;

/** The span that whole rows of a tier never cross, where so much of it is kept. */
export function spanOf(tier: Tier, kept: number): number {
  return kept >= 4 * spanOfTier[tier] ? spanOfTier[tier] : minute;
}

/** Told of bytes that are not what was written. */
export type OnBroken = (tier: Tier, shard: number, last: number) => void;

/** One look's blocks, by shard. */
export function insertLook(db: DatabaseSync, at: number, blocks: ReadonlyMap<number, Block>): void {
  const insert = inserter(db, "fine");
  for (const [shard, block] of blocks) insert(shard, at, at, block);
}

/** Looks of whole minutes before `at` that stand by themselves become a row a minute and shard, and its sum a coarse one. */
export function foldMinutes(db: DatabaseSync, at: number, onBroken: OnBroken): void {
  const end = floorTo(at, minute);
  const from = rolledUntil(db);
  if (end <= from) return;
  const first = Number(
    db.prepare("SELECT min(last) AS t FROM fine WHERE last > ? AND last <= ?").get(from, end)?.["t"] ?? end + 1,
  );
  const fine = inserter(db, "fine");
  const coarse = inserter(db, "coarse");
  const remove = db.prepare("DELETE FROM fine WHERE last > ? AND last <= ?");
  for (let t = Math.ceil(first / minute) * minute; t <= end; t += minute) {
    const shards = blocksBetween(db, "fine", t - minute, t, onBroken);
    remove.run(t - minute, t);
    for (const [shard, blocks] of shards) {
      const block = joined(blocks);
      fine(shard, block.times[0] ?? t, block.times.at(-1) ?? t, block);
      coarse(shard, t, t, summed(block, t));
    }
  }
  mark(db, end);
}

/** The last moment that the coarse tier speaks for; what came later is in the fine one alone. */
export function rolledUntil(db: DatabaseSync): number {
  return Number(db.prepare("SELECT t FROM marks WHERE name = 'rolled'").get()?.["t"] ?? 0);
}

/** Shards whose rows are joined at once: a mesh of a thousand services has some 160 in a quarter of an hour. */
const compactedAtOnce = 32;

/** Joins rows of spans that are over, of some shards: the rest has its turn the next time. */
export function compact(db: DatabaseSync, tier: Tier, at: number, span: number, onBroken: OnBroken): void {
  if (span <= minute) return;
  const end = floorTo(Math.min(at, rolledUntil(db)), span);
  const several = db
    .prepare(
      `SELECT shard, CAST((last - 1) / ? AS INTEGER) AS part FROM ${tier} WHERE last > ? AND last <= ? GROUP BY part, shard HAVING count(*) > 1 LIMIT ?`,
    )
    .all(span, end - 8 * span, end, compactedAtOnce);
  const insert = inserter(db, tier);
  const remove = db.prepare(`DELETE FROM ${tier} WHERE last > ? AND last <= ? AND shard = ?`);
  for (const row of several) {
    const shard = Number(row["shard"]);
    const from = Number(row["part"]) * span;
    const blocks = blocksBetween(db, tier, from, from + span, onBroken, shard).get(shard) ?? [];
    remove.run(from, from + span, shard);
    if (blocks.length === 0) continue;
    const block = joined(blocks);
    insert(shard, block.times[0] ?? 0, block.times.at(-1) ?? 0, block);
  }
}

/** A clock was set back: drops what came after the last whole minute before `now`, so that no minute is half summed. */
export function forgetAfter(db: DatabaseSync, now: number, onBroken: OnBroken): void {
  const at = floorTo(now - 1, minute);
  for (const tier of ["fine", "coarse"] as const) {
    const straddling = db
      .prepare(`SELECT rowid AS id, shard, last, points FROM ${tier} WHERE last > ? AND first <= ?`)
      .all(at, at);
    db.prepare(`DELETE FROM ${tier} WHERE last > ?`).run(at);
    const insert = inserter(db, tier);
    for (const row of straddling) {
      const block = decoded(row, tier, onBroken);
      const before = block && until(block, at);
      if (before) insert(Number(row["shard"]), before.times[0] ?? 0, before.times.at(-1) ?? 0, before);
    }
  }
  if (rolledUntil(db) > at) mark(db, at);
}

/** The first moment that a tier holds something of. */
export function oldest(db: DatabaseSync, tier: Tier): number | undefined {
  const row = db.prepare(`SELECT first FROM ${tier} ORDER BY last LIMIT 1`).get();
  return row === undefined ? undefined : Number(row["first"]);
}

/** How far back both tiers go. */
export function reachOf(db: DatabaseSync): { readonly fine?: number; readonly coarse?: number } {
  const [fine, coarse] = [oldest(db, "fine"), oldest(db, "coarse")];
  return { ...(fine === undefined ? {} : { fine }), ...(coarse === undefined ? {} : { coarse }) };
}

/** A row's block, of all series of its shard or some; undefined where its bytes are broken. */
export function decoded(
  row: Readonly<Record<string, unknown>>,
  tier: Tier,
  onBroken: OnBroken,
  wanted?: ReadonlySet<number>,
): Block | undefined {
  const bytes = row["points"];
  const block = bytes instanceof Uint8Array ? decodeBlock(bytes, wanted) : undefined;
  if (block === undefined) onBroken(tier, Number(row["shard"]), Number(row["last"]));
  return block;
}

function blocksBetween(
  db: DatabaseSync,
  tier: Tier,
  from: number,
  to: number,
  onBroken: OnBroken,
  shard?: number,
): Map<number, Block[]> {
  const found = new Map<number, Block[]>();
  const only = shard === undefined ? "" : "AND shard = ?";
  const rows = db
    .prepare(`SELECT shard, last, points FROM ${tier} WHERE last > ? AND last <= ? ${only} ORDER BY last`)
    .iterate(...[from, to, ...(shard === undefined ? [] : [shard])]);
  for (const row of rows) {
    const block = decoded(row, tier, onBroken);
    const id = Number(row["shard"]);
    const known = found.get(id);
    if (block === undefined) continue;
    if (known === undefined) found.set(id, [block]);
    else known.push(block);
  }
  return found;
}

function inserter(db: DatabaseSync, tier: Tier): (shard: number, first: number, last: number, block: Block) => void {
  const insert = db.prepare(`INSERT INTO ${tier} (last, shard, first, points) VALUES (?, ?, ?, ?)`);
  return (shard, first, last, block) => insert.run(last, shard, first, encodeBlock(block));
}

function mark(db: DatabaseSync, t: number): void {
  db.prepare("INSERT OR REPLACE INTO marks (name, t) VALUES ('rolled', ?)").run(t);
}

function floorTo(t: number, span: number): number {
  return Math.floor(t / span) * span;
}
