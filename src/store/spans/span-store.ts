import type { Span, SpanSource } from "../../model/span.ts";
import type { Clock } from "../../std/clock.ts";
import type { Store } from "../store.ts";
import { searchSpans, spansOf } from "./span-query.ts";
import { insertSpans, spanBytes } from "./span-table.ts";

/** Spans wait this long, so that many are written at once. */
const gatherMs = 500;

/** Beyond these they are written at once. */
const mostWaiting = 2000;

/** Traces in the store's file. */
export interface SpanStore extends SpanSource {
  add(spans: readonly Span[]): void;
  /** Bytes that they take, nearly. */
  bytes(): number;
  /** Writes what waits; nothing is taken any more. */
  close(): void;
}

/** The store needs `spanTable` among its tables. */
export function spanStore(store: Pick<Store, "use">, clock: Clock): SpanStore {
  let waiting: Span[] = [];
  let closed = false;
  let cancel: (() => void) | undefined;
  const flush = () => {
    cancel?.();
    cancel = undefined;
    const spans = waiting;
    if (spans.length === 0) return;
    waiting = [];
    store.use(clock.now(), (db) => {
      db.exec("BEGIN");
      insertSpans(db, spans);
      db.exec("COMMIT");
    });
  };
  return {
    about: { kind: "embedded" },
    add(spans) {
      if (closed) return;
      waiting.push(...spans);
      if (waiting.length >= mostWaiting) flush();
      else if (waiting.length > 0) cancel ??= clock.after(gatherMs, flush);
    },
    async search(query) {
      flush();
      return store.use(clock.now(), (db) => searchSpans(db, query)) ?? { traces: [], more: false };
    },
    async trace(id) {
      flush();
      return store.use(clock.now(), (db) => spansOf(db, id)) ?? [];
    },
    bytes: () => store.use(clock.now(), spanBytes) ?? 0,
    close() {
      flush();
      closed = true;
    },
  };
}
