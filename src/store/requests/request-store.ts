import type { Observed } from "../../model/observed.ts";
import type { Clock } from "../../std/clock.ts";
import type { Store } from "../store.ts";

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

/** Single requests in the store's file. */
export interface RequestStore {
  add(seen: Observed): void;
  /** The latest first. */
  search(query: RequestQuery): readonly Observed[];
  /** Writes what waits; nothing is taken any more. */
  close(): void;
}

/** The store needs `requestTable` among its tables. */
export function requestStore(store: Pick<Store, "use">, clock: Clock): RequestStore {
  let waiting: Observed[] = [];
  let closed = false;
  let cancel: (() => void) | undefined;
  const flush = () => {
    cancel?.();
    cancel = undefined;
    const all = waiting;
    if (all.length === 0) return;
    waiting = [];
    store.use(clock.now(), (db) => {
      db.exec("BEGIN");
      const insert = db.prepare("INSERT INTO requests (t, namespace, told) VALUES (?, ?, ?)");
      for (const seen of all) insert.run(Math.round(seen.at), seen.destination.namespace, JSON.stringify(seen));
      db.exec("COMMIT");
    });
  };
  return {
    add(seen) {
      if (closed || waiting.length >= mostWaiting) return;
      waiting.push(seen);
      cancel ??= clock.after(gatherMs, flush);
    },
    search({ from, to, limit, fits }) {
      flush();
      const read = store.use(clock.now(), (db) => {
        const found: Observed[] = [];
        const rows = db
          .prepare("SELECT told FROM requests WHERE t > ? AND t <= ? ORDER BY t DESC, id DESC")
          .iterate(from, to);
        for (const row of rows) {
          const seen = JSON.parse(String(row["told"])) as Observed;
          if (fits(seen)) found.push(seen);
          if (found.length >= limit) break;
        }
        return found;
      });
      return read ?? [];
    },
    close() {
      flush();
      closed = true;
    },
  };
}
