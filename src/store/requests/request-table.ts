import type { SideTable } from "../side-table.ts";

/** Requests that are kept at most. */
const mostRows = 20_000;

/** Single requests and connections in the store's file: for as long as minutes are kept, and never more than so many. */
export const requestTable: SideTable = {
  create: `
CREATE TABLE IF NOT EXISTS requests (id INTEGER PRIMARY KEY, t INTEGER NOT NULL, namespace TEXT NOT NULL, told TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS requests_t ON requests (t);
`,
  tidy(db, at, retention) {
    db.prepare("DELETE FROM requests WHERE t <= ?").run(at - retention.coarse);
    db.prepare("DELETE FROM requests WHERE id <= (SELECT max(id) FROM requests) - ?").run(mostRows);
  },
  forgetAfter(db, at) {
    db.prepare("DELETE FROM requests WHERE t > ?").run(at);
  },
};
