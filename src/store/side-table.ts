import type { DatabaseSync } from "node:sqlite";
import type { Retention } from "./retention.ts";

/** Tables beside the samples in the store's file, of somebody who reads and writes them by `Store.ask`. */
export interface SideTable {
  /** SQL that makes them where they are missing; only ever adds. */
  readonly create: string;
  /** Once a minute, inside a transaction: drops what is too old at `at` (milliseconds), and what is too much. */
  tidy(db: DatabaseSync, at: number, retention: Retention): void;
  /** A clock was set back to `at`: drops what came after it. */
  forgetAfter(db: DatabaseSync, at: number): void;
}

/** Something that is done with such a table, wherever the database is: argument and answer are plain data. */
export interface Question<A, R> {
  /** Says in another thread which one is meant. */
  readonly name: string;
  answer(db: DatabaseSync, argument: A): R;
}
