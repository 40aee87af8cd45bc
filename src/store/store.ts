import type { DatabaseSync } from "node:sqlite";
import type { Increment } from "../model/sample.ts";
import type { Log } from "../std/log.ts";
import { openOrReplace, putAside } from "./aside.ts";
import { type Carry, keptOf, lookBlocks } from "./chunk/look.ts";
import { type Step, steps, type Total } from "./query.ts";
import { defaultRetention, giveBack, inMemory, prune, type Retention, shrink, sizeOf } from "./retention.ts";
import { isBroken, messageOf, openDatabase } from "./schema.ts";
import { type Selection, type Series, SeriesIndex } from "./series-index.ts";
import { seriesTable } from "./series-table.ts";
import type { Question, SideTable } from "./side-table.ts";
import { compact, foldMinutes, forgetAfter, insertLook, minute, type OnBroken, reachOf, spanOf } from "./tiers.ts";

/** What traffic's history answers, whoever keeps it: this store at once, a Prometheus by and by. Times are milliseconds since the epoch. */
export interface History {
  /** Growth of each selected series in `(from, to]`. */
  totals(selection: Selection, from: number, to: number): Step | Promise<Step>;
  /** The same in steps of `step` milliseconds. */
  steps(selection: Selection, from: number, to: number, step: number): Step[] | Promise<Step[]>;
}

/** Where history is kept, and how much. */
export interface StoreState {
  readonly where: "file" | "memory";
  readonly bytes: number;
  readonly series: number;
  /** The first moments of which each look, and each minute, is kept. */
  readonly since?: { readonly fine?: number; readonly coarse?: number };
  /** Why it is not in its file. */
  readonly error?: string;
}

/** Traffic's history: what each series gained at each look. */
export interface Store extends History {
  /** Takes what one look at all proxies found. `covered`: milliseconds since the look before, 0 for the first. Never throws. */
  write(at: number, covered: number, increments: readonly Increment[]): void;
  /** Calls `listener` after each write; the answer ends it. */
  onWrite(listener: (at: number) => void): () => void;
  /** `file` while history is kept on disk; `memory` while the disk refuses it (or none was asked for). */
  state(): StoreState;
  /** Does something with a table beside the samples, at `at` milliseconds; undefined where the disk refused it: that is told, and memory serves from then on. */
  ask<A, R>(question: Question<A, R>, argument: A, at: number): R | undefined | Promise<R | undefined>;
  /** Done when all that was handed in is written. */
  close(): void | Promise<void>;
}

/** The store in this thread: it answers at once. */
export interface LocalStore extends Store {
  totals(selection: Selection, from: number, to: number): Step;
  steps(selection: Selection, from: number, to: number, step: number): Step[];
  ask<A, R>(question: Question<A, R>, argument: A, at: number): R | undefined;
  /** Runs `work` on the database of the moment. */
  use<T>(at: number, work: (db: DatabaseSync) => T): T | undefined;
  close(): void;
}

export interface StoreOptions {
  /** The database file, or `:memory:`. */
  readonly path: string;
  readonly log: Log;
  readonly retention?: Retention;
  /** Series beyond this number are not kept; told once. */
  readonly maxSeries?: number;
  /** Told of each series that is kept. */
  readonly onSeries?: (series: Series) => void;
  /** Tables of others in the same file. */
  readonly tables?: readonly SideTable[];
}

const retryAfter = 5 * minute;
/** Series that are kept, where nothing else is said. */
export const usualSeries = 100_000;

/** Opens the history. A broken file is moved aside, a disk that refuses is told once: the mesh runs on, with what fits into memory. */
export function openStore(options: StoreOptions): LocalStore {
  return new SqliteStore(options);
}

class SqliteStore implements LocalStore {
  readonly #options: StoreOptions;
  readonly #maxSeries: number;
  readonly #listeners = new Set<(at: number) => void>();
  #db: DatabaseSync | undefined;
  #index: SeriesIndex | undefined;
  #where: "file" | "memory" = "memory";
  #error: string | undefined;
  #retryAt = Number.POSITIVE_INFINITY;
  #tidiedAt = 0;
  #full = false;
  #toldBroken = false;
  #carry: Carry = new Map();
  #last = 0;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#maxSeries = options.maxSeries ?? usualSeries;
    this.#open(0);
  }

  write(at: number, covered: number, increments: readonly Increment[]): void {
    if (at >= this.#retryAt) this.#open(at);
    try {
      if (this.#last > at + minute) this.#forgetFuture(at);
      const time = Math.max(at, this.#last + 1);
      this.#insert(time, covered, increments);
      this.#last = time;
      if (Math.floor(at / minute) !== Math.floor(this.#tidiedAt / minute)) this.#tidy(at);
    } catch (error) {
      this.#fail(error, at);
    }
    for (const listener of this.#listeners) listener(at);
  }

  totals(selection: Selection, from: number, to: number): Step {
    return this.steps(selection, from, to, Math.max(1, to - from))[0] ?? { time: to, covered: 0, totals: [] };
  }

  steps(selection: Selection, from: number, to: number, step: number): Step[] {
    if (this.#db === undefined || this.#index === undefined) return [];
    try {
      return steps(this.#db, this.#index, selection, { from, to, step }, this.#onBroken);
    } catch (error) {
      this.#fail(error, to);
      return [];
    }
  }

  onWrite(listener: (at: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  state(): StoreState {
    const [bytes, since] = this.#db ? [sizeOf(this.#db), reachOf(this.#db)] : [0, {}];
    const base = { where: this.#where, bytes, series: this.#index?.size ?? 0, since };
    return this.#error === undefined ? base : { ...base, error: this.#error };
  }

  ask<A, R>(question: Question<A, R>, argument: A, at: number): R | undefined {
    return this.use(at, (db) => question.answer(db, argument));
  }

  use<T>(at: number, work: (db: DatabaseSync) => T): T | undefined {
    try {
      return work(this.#opened().db);
    } catch (error) {
      if (this.#db?.isTransaction) this.#db.exec("ROLLBACK");
      this.#fail(error, at);
      return undefined;
    }
  }

  close(): void {
    this.#close();
  }

  #insert(at: number, covered: number, increments: readonly Increment[]): void {
    const { db, index } = this.#opened();
    db.exec("BEGIN");
    try {
      const grown: [number, Increment][] = [];
      for (const increment of increments) {
        if (increment.value <= 0) continue;
        const kept = keptOf(increment);
        const id = index.idOf(kept, at);
        if (id === undefined) this.#tellFull();
        else grown.push([id, kept]);
      }
      insertLook(db, at, lookBlocks(at, grown, this.#carry));
      db.prepare("INSERT OR REPLACE INTO looks (t, covered) VALUES (?, ?)").run(at, Math.round(covered));
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      this.#index = this.#indexOf(db);
      throw error;
    }
  }

  /** A clock that was set back: what it called the future is no history, and would hide all that follows. */
  #forgetFuture(at: number): void {
    const { db } = this.#opened();
    forgetAfter(db, at, this.#onBroken);
    db.prepare("DELETE FROM looks WHERE t > ?").run(at);
    for (const table of this.#options.tables ?? []) table.forgetAfter(db, at);
    this.#last = 0;
    this.#tidiedAt = 0;
  }

  #tidy(at: number): void {
    const { db, index } = this.#opened();
    const retention = this.#retention();
    db.exec("BEGIN");
    try {
      foldMinutes(db, at, this.#onBroken);
      for (const tier of ["fine", "coarse"] as const)
        compact(db, tier, at, spanOf(tier, retention[tier]), this.#onBroken);
      prune(db, at, retention);
      for (const table of this.#options.tables ?? []) table.tidy(db, at, retention);
      shrink(db, at, retention);
      const hour = 60 * minute;
      const hourly = Math.floor(at / hour) !== Math.floor(this.#tidiedAt / hour);
      if (hourly) index.forget(at - Math.max(retention.coarse, retention.fine), at);
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      this.#index = this.#indexOf(db);
      throw error;
    }
    this.#tidiedAt = at;
    giveBack(db);
  }

  #open(at: number): void {
    this.#close();
    this.#retryAt = Number.POSITIVE_INFINITY;
    const { path, log } = this.#options;
    try {
      this.#use(
        path === ":memory:" ? openDatabase(path) : openOrReplace(path, at, log),
        path === ":memory:" ? "memory" : "file",
      );
      if (this.#error !== undefined) log.info("history is kept on disk again", { path });
      this.#error = undefined;
    } catch (error) {
      this.#fail(error, at);
    }
  }

  #use(db: DatabaseSync, where: "file" | "memory"): void {
    for (const table of this.#options.tables ?? []) db.exec(table.create);
    this.#db = db;
    this.#where = where;
    this.#index = this.#indexOf(db);
    this.#carry = new Map();
    this.#last = Number(db.prepare("SELECT max(t) AS t FROM looks").get()?.["t"] ?? 0);
  }

  /** A file that broke is replaced; a disk that refuses leaves us with memory and another try later. */
  #fail(error: unknown, at: number): void {
    const { path, log } = this.#options;
    if (isBroken(error) && this.#where === "file") {
      this.#close();
      if (putAside(path, at, error, log)) {
        this.#open(at);
        return;
      }
    }
    if (this.#error === undefined) {
      log.warn(
        `${path}: traffic history cannot be written (${messageOf(error)}); the mesh runs on with the last minutes in memory; make room on that disk`,
      );
    }
    this.#error = messageOf(error);
    this.#close();
    this.#use(openDatabase(":memory:"), "memory");
    if (path !== ":memory:") this.#retryAt = at + retryAfter;
  }

  #close(): void {
    try {
      this.#db?.close();
    } catch {
      // A disk that refused a write may refuse the checkpoint on closing too; nothing is left to save.
    }
    this.#db = undefined;
    this.#index = undefined;
  }

  #opened(): { db: DatabaseSync; index: SeriesIndex } {
    if (this.#db === undefined || this.#index === undefined) throw new Error("the history is closed");
    return { db: this.#db, index: this.#index };
  }

  #retention(): Retention {
    const asked = this.#options.retention ?? defaultRetention;
    return this.#error === undefined ? asked : inMemory;
  }

  #indexOf(db: DatabaseSync): SeriesIndex {
    return new SeriesIndex(seriesTable(db), this.#maxSeries, this.#options.onSeries);
  }

  readonly #onBroken: OnBroken = (tier, _shard, last) => {
    if (this.#toldBroken) return;
    this.#toldBroken = true;
    const { path, log } = this.#options;
    const what = tier === "fine" ? "looks" : "minutes";
    log.warn(`${path}: ${what} until ${new Date(last).toISOString()} cannot be read; the rest of the history can`);
  };

  #tellFull(): void {
    if (this.#full) return;
    this.#full = true;
    this.#options.log.warn(
      `traffic history holds ${this.#maxSeries} series, new ones are not kept; look for a label with many values`,
    );
  }
}

export type { Step, Total };
