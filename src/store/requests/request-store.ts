import type { Observed } from "../../model/observed.ts";
import type { Clock } from "../../std/clock.ts";
import type { Store } from "../store.ts";
import { type RequestPage, requestQuestions } from "./request-questions.ts";

/** Requests wait this long, so that many are written at once. */
const gatherMs = 1000;

/** That wait at most; more in this time are not kept. */
const mostWaiting = 500;

/** What is asked of the requests that are kept: a time, in milliseconds since the epoch, and what they must be. */
export interface RequestQuery {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly fits: (seen: Observed) => boolean;
}

type Rows = ReturnType<typeof requestQuestions.page.answer>;

/** Single requests in the store's file. */
export interface RequestStore {
  add(seen: Observed): void;
  /** The latest first. */
  search(query: RequestQuery): Promise<readonly Observed[]>;
  /** Hands the store what waits; nothing is taken any more. */
  close(): void;
}

/** The store needs `requestTable` among its tables. */
export function requestStore(store: Pick<Store, "ask">, clock: Clock): RequestStore {
  let waiting: Observed[] = [];
  let closed = false;
  let cancel: (() => void) | undefined;
  const flush = () => {
    cancel?.();
    cancel = undefined;
    const all = waiting;
    if (all.length === 0) return;
    waiting = [];
    void store.ask(requestQuestions.add, all, clock.now());
  };
  return {
    add(seen) {
      if (closed || waiting.length >= mostWaiting) return;
      waiting.push(seen);
      cancel ??= clock.after(gatherMs, flush);
    },
    async search({ from, to, limit, fits }) {
      flush();
      const found: Observed[] = [];
      let page: RequestPage | undefined = { from, to };
      while (page !== undefined) {
        const rows: Rows | undefined = await store.ask(requestQuestions.page, page, clock.now());
        for (const seen of rows?.told ?? []) {
          if (fits(seen)) found.push(seen);
          if (found.length >= limit) return found;
        }
        page = rows?.next && { from, to, before: rows.next };
      }
      return found;
    },
    close() {
      flush();
      closed = true;
    },
  };
}
