import type { Span, SpanSource } from "../../model/span.ts";
import type { Clock } from "../../std/clock.ts";
import type { Store } from "../store.ts";
import { spanQuestions } from "./span-questions.ts";

/** Spans wait this long, so that many are written at once. */
const gatherMs = 500;

/** Beyond these they are written at once. */
const mostWaiting = 2000;

/** Traces in the store's file. */
export interface SpanStore extends SpanSource {
  add(spans: readonly Span[]): void;
  /** Bytes that they take, nearly. */
  bytes(): Promise<number>;
  /** Hands the store what waits; nothing is taken any more. */
  close(): void;
}

/** The store needs `spanTable` among its tables. */
export function spanStore(store: Pick<Store, "ask">, clock: Clock): SpanStore {
  let waiting: Span[] = [];
  let closed = false;
  let cancel: (() => void) | undefined;
  const flush = () => {
    cancel?.();
    cancel = undefined;
    const spans = waiting;
    if (spans.length === 0) return;
    waiting = [];
    void store.ask(spanQuestions.add, spans, clock.now());
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
      return (await store.ask(spanQuestions.search, query, clock.now())) ?? { traces: [], more: false };
    },
    async trace(id) {
      flush();
      return (await store.ask(spanQuestions.trace, id, clock.now())) ?? [];
    },
    bytes: async () => (await store.ask(spanQuestions.bytes, undefined, clock.now())) ?? 0,
    close() {
      flush();
      closed = true;
    },
  };
}
