import { DatabaseSync } from "node:sqlite";

/** Grows when the tables change; a file of another number is history of another program and is put aside. */
const schemaVersion = 1;

const tables = `
CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, name TEXT NOT NULL, labels TEXT NOT NULL, bounds TEXT NOT NULL, UNIQUE (name, labels, bounds));
CREATE TABLE IF NOT EXISTS fine (t INTEGER NOT NULL, series INTEGER NOT NULL, value REAL NOT NULL, buckets BLOB, PRIMARY KEY (t, series)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS coarse (t INTEGER NOT NULL, series INTEGER NOT NULL, value REAL NOT NULL, buckets BLOB, PRIMARY KEY (t, series)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS looks (t INTEGER PRIMARY KEY, covered INTEGER NOT NULL);
`;

/** What a database file is refused for, so that the caller can put it aside. */
class BrokenHistory extends Error {}

/** Opens or makes the database, without reading all of it: what is broken inside shows when it is read. Throws BrokenHistory for a file that is no database of ours, SQLite's own error for what a disk refuses. */
export function openDatabase(path: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path);
    db.exec("PRAGMA auto_vacuum = INCREMENTAL");
    db.exec("PRAGMA journal_mode = WAL");
    db.exec(
      "PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 1000; PRAGMA cache_size = -4000; PRAGMA journal_size_limit = 4194304;",
    );
    const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
    if (version !== 0 && version !== schemaVersion) {
      throw new BrokenHistory(`it was written in format ${version}, this program writes format ${schemaVersion}`);
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
