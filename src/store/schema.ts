import { DatabaseSync } from "node:sqlite";

/** Grows when the tables change; a file of another number is history of another program and is put aside. */
const schemaVersion = 2;

const tables = `
CREATE TABLE IF NOT EXISTS texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, parts BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS fine (last INTEGER NOT NULL, shard INTEGER NOT NULL, first INTEGER NOT NULL, points BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS fine_last ON fine (last, shard);
CREATE TABLE IF NOT EXISTS coarse (last INTEGER NOT NULL, shard INTEGER NOT NULL, first INTEGER NOT NULL, points BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS coarse_last ON coarse (last, shard);
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, t INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS looks (t INTEGER PRIMARY KEY, covered INTEGER NOT NULL);
`;

/** What a database file is refused for, so that the caller can put it aside. */
class BrokenHistory extends Error {}

/** A whole file, of another version of this program. */
export class OtherFormat extends BrokenHistory {}

/** Opens or makes the database, without reading all of it: what is broken inside shows when it is read. Throws BrokenHistory for a file that is no database of ours, SQLite's own error for what a disk refuses. */
export function openDatabase(path: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path);
    // One process writes a history: another would fold the same minutes. The lock ends with the process.
    db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 1000");
    db.exec("PRAGMA auto_vacuum = INCREMENTAL");
    db.exec("PRAGMA journal_mode = WAL");
    db.exec("PRAGMA synchronous = NORMAL; PRAGMA cache_size = -4000; PRAGMA journal_size_limit = 4194304;");
    const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
    if (version !== 0 && version !== schemaVersion) {
      throw new OtherFormat(`it is of format ${version}, this program has format ${schemaVersion}`);
    }
    db.exec(tables);
    db.exec(`PRAGMA user_version = ${schemaVersion}`);
    return db;
  } catch (error) {
    db?.close();
    throw isBroken(error) && !(error instanceof BrokenHistory) ? new BrokenHistory(messageOf(error)) : error;
  }
}

/** True where the file itself is damaged (SQLITE_CORRUPT, SQLITE_NOTADB), not the disk under it. */
export function isBroken(error: unknown): boolean {
  if (error instanceof BrokenHistory) return true;
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === "number" && ((code & 255) === 11 || (code & 255) === 26);
}

/** An error's text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
