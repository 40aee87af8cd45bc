import { deepStrictEqual, strictEqual } from "node:assert";
import { test } from "vitest";
import { AccessBook } from "./book.ts";
import type { AccessRecord } from "./record.ts";

const destination = { namespace: "shop", workload: "cart", labels: { app: "cart" } };
const identity = "spiffe://cluster.local/ns/shop/sa/web";
const nobody = () => undefined;
const told = (said: Partial<AccessRecord> = {}): AccessRecord => ({
  ...{ at: 1000, address: "10.0.0.7", port: 8080, protocol: "http", method: "GET", path: "/items/17", code: 200 },
  ...{ tls: true, kind: "ended", identity, learned: true, more: { requestBytes: 0, responseBytes: 0, flags: [] } },
  ...said,
});
/** Without a certificate. */
const plain = (said: Partial<AccessRecord> = {}): AccessRecord => {
  const { identity: _, ...rest } = told({ tls: false, ...said });
  return rest;
};
const whats = (book: AccessBook) => book.report().entries.map(({ what, count }) => [what, count]);

test("what is alike is one entry: caller, port, method, template, answer", () => {
  const book = new AccessBook(0);
  book.add(destination, [told(), told({ at: 3000, path: "/items/18" }), told({ code: 500 })], nobody);
  deepStrictEqual(
    book.report().entries.map(({ path, code, count, first, last }) => [path, code, count, first, last]),
    [
      ["/items/{*}", 200, 2, 1000, 3000],
      ["/items/{*}", 500, 1, 1000, 1000],
    ],
  );
});

test("a plaintext request counts as it begins, and once as a call", () => {
  const book = new AccessBook(0);
  const records = (["begun", "lasting", "ended"] as const).map((kind) => plain({ kind }));
  book.add(destination, records, (ip) => (ip === "10.0.0.7" ? "shop/old" : undefined));
  deepStrictEqual(whats(book), [
    ["plaintext", 2],
    ["call", 1],
  ]);
  deepStrictEqual(book.report().entries[0]?.source, { address: "10.0.0.7", workload: "shop/old" });
});

test("a denial is no call; a dry run's is one", () => {
  const book = new AccessBook(0);
  book.add(destination, [told({ denied: { id: "x" } }), told({ wouldDeny: { id: "y" } })], nobody);
  deepStrictEqual(
    book.report().entries.map(({ what, policy }) => [what, policy]),
    [
      ["denied", "x"],
      ["dry-run", "y"],
      ["call", undefined],
    ],
  );
});

test("what failed, what somebody watches, and what had a bad token is no call that anybody learns from", () => {
  const book = new AccessBook(0);
  const { learned: _, ...unlearned } = told();
  book.add(
    destination,
    [{ ...unlearned, code: 503 }, { ...unlearned, watched: ["1"] }, told({ badToken: true })],
    nobody,
  );
  deepStrictEqual(book.report().entries, []);
});

test("TCP connections, told when it is known that no policy refused them, and those that fit no port", () => {
  const book = new AccessBook(0);
  const { method: _, path: __, code: ___, ...connection } = told({ protocol: "tcp" });
  const kinds = (["begun", "lasting", "ended", "unmatched"] as const).map((kind) => ({ ...connection, kind }));
  book.add(destination, [...kinds, { ...connection, denied: { id: "" } }], nobody);
  deepStrictEqual(whats(book), [
    ["call", 2],
    ["unmatched", 1],
    ["denied", 1],
  ]);
});

test("it holds so much and no more, and says what it could not hold", () => {
  const book = new AccessBook(0, { entries: 5, paths: 3, forgetMs: 1000 });
  const paths = ["/a", "/b", "/c", "/d", "/e"].map((path) => told({ path }));
  book.add(destination, paths, nobody);
  strictEqual(book.report().entries.length, 3);
  strictEqual(book.report().dropped.records, 2);
  const others = Array.from({ length: 50 }, (_, i) => told({ port: 9000 + i }));
  book.add(destination, others, nobody);
  strictEqual(book.report().entries.length, 5);
  strictEqual(book.report().dropped.records, 50);
  // What nobody spoke of for long makes room.
  book.add(destination, [told({ at: 5000, path: "/new" })], nobody);
  deepStrictEqual(
    book.report().entries.map(({ path }) => path),
    ["/new"],
  );
  book.dropped();
  strictEqual(book.report().dropped.messages, 1);
});

test("ids that no shape tells are templates once there are many", () => {
  const book = new AccessBook(0);
  const names = Array.from({ length: 26 }, (_, i) => told({ path: `/users/${String.fromCharCode(97 + i)}/cart` }));
  book.add(destination, names, nobody);
  deepStrictEqual(
    book.report().entries.map(({ path, count }) => [path, count]),
    [["/users/{*}/cart", 26]],
  );
});
