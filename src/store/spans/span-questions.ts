import type { DatabaseSync } from "node:sqlite";
import type { Span, SpanQuery } from "../../model/span.ts";
import { searchSpans, spansOf } from "./span-query.ts";
import { insertSpans, spanBytes } from "./span-table.ts";

/** What is asked of the table of spans. */
export const spanQuestions = {
  add: {
    name: "spans.add",
    answer(db: DatabaseSync, spans: readonly Span[]): void {
      db.exec("BEGIN");
      insertSpans(db, spans);
      db.exec("COMMIT");
    },
  },
  search: { name: "spans.search", answer: (db: DatabaseSync, query: SpanQuery) => searchSpans(db, query) },
  trace: { name: "spans.trace", answer: (db: DatabaseSync, id: string) => spansOf(db, id) },
  bytes: { name: "spans.bytes", answer: (db: DatabaseSync, _: undefined) => spanBytes(db) },
};
