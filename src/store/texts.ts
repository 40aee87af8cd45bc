import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Names and values of labels, each kept once in the file and once in memory: a series is a few numbers. */
export class Texts {
  readonly #ids = new Map<string, number>();
  readonly #texts = new Map<number, string>();
  readonly #insert: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare("INSERT INTO texts (text) VALUES (?)");
    for (const row of db.prepare("SELECT id, text FROM texts").iterate()) {
      this.#add(Number(row["id"]), String(row["text"]));
    }
  }

  /** The id of a text, made if it is new. */
  idOf(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = Number(this.#insert.run(text).lastInsertRowid);
    this.#add(id, text);
    return id;
  }

  /** The text of an id; undefined for one that nobody made. */
  at(id: number): string | undefined {
    return this.#texts.get(id);
  }

  /** Forgets all others. */
  keep(db: DatabaseSync, used: ReadonlySet<number>): void {
    const remove = db.prepare("DELETE FROM texts WHERE id = ?");
    for (const [id, text] of this.#texts) {
      if (used.has(id)) continue;
      remove.run(id);
      this.#texts.delete(id);
      this.#ids.delete(text);
    }
  }

  #add(id: number, text: string): void {
    this.#ids.set(text, id);
    this.#texts.set(id, text);
  }
}

/** Ids as bytes, seven bits each. */
export function packIds(ids: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (let id of ids) {
    for (; id >= 128; id = Math.floor(id / 128)) bytes.push((id % 128) + 128);
    bytes.push(id);
  }
  return Uint8Array.from(bytes);
}

/** The reverse. */
export function unpackIds(bytes: Uint8Array): number[] {
  const ids: number[] = [];
  let id = 0;
  let scale = 1;
  for (const byte of bytes) {
    id += (byte & 127) * scale;
    scale *= 128;
    if (byte >= 128) continue;
    ids.push(id);
    id = 0;
    scale = 1;
  }
  return ids;
}
