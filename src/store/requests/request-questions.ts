import type { DatabaseSync } from "node:sqlite";
import type { Observed } from "../../model/observed.ts";

/** Where a page of requests begins: before this row. */
export interface RequestPage {
  readonly from: number;
  readonly to: number;
  readonly before?: { readonly t: number; readonly id: number };
}

/** Requests of one page. */
const pageSize = 500;

/** What is asked of the table of requests. */
export const requestQuestions = {
  add: {
    name: "requests.add",
    answer(db: DatabaseSync, all: readonly Observed[]): void {
      db.exec("BEGIN");
      const insert = db.prepare("INSERT INTO requests (t, namespace, told) VALUES (?, ?, ?)");
      for (const seen of all) insert.run(Math.round(seen.at), seen.destination.namespace, JSON.stringify(seen));
      db.exec("COMMIT");
    },
  },
  /** The latest first; `next` where there are more. */
  page: {
    name: "requests.page",
    answer(db: DatabaseSync, { from, to, before }: RequestPage) {
      const rows = db
        .prepare(
          "SELECT id, t, told FROM requests WHERE t > ? AND t <= ? AND (t, id) < (?, ?) ORDER BY t DESC, id DESC LIMIT ?",
        )
        .all(from, to, before?.t ?? Number.MAX_SAFE_INTEGER, before?.id ?? Number.MAX_SAFE_INTEGER, pageSize);
      const last = rows.length === pageSize ? rows.at(-1) : undefined;
      return {
        told: rows.map((row) => JSON.parse(String(row["told"])) as Observed),
        ...(last === undefined ? {} : { next: { t: Number(last["t"]), id: Number(last["id"]) } }),
      };
    },
  },
};
