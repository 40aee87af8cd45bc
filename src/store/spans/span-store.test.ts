import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Span, SpanQuery } from "../../model/span.ts";
import type { Log } from "../../std/log.ts";
import { type LocalStore, openStore } from "../store.ts";
import { spanStore } from "./span-store.ts";
import { spanTable } from "./span-table.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
const start = 1_700_000_000_000;
const minute = 60_000;
let dir: string;
let stores: LocalStore[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "weft-spans-"));
  stores = [];
});
afterEach(() => {
  for (const store of stores) store.close();
  rmSync(dir, { recursive: true });
});

function open(over: object = {}) {
  const store = openStore({ path: join(dir, "history.db"), log, tables: [spanTable], ...over });
  stores.push(store);
  return { store, spans: spanStore(store, { now: () => start, after: () => () => {} }) };
}

let count = 0;
/** A span of a trace, milliseconds after the beginning. */
const span = (trace: string, at: number, over: Partial<Span> = {}): Span => ({
  ...{ trace: trace.padStart(32, "0"), id: String(++count).padStart(16, "0"), kind: "server", name: "x" },
  ...{ start: (start + at) * 1000, duration: 5000, failed: false, namespace: "shop", workload: "web", tags: {} },
  ...over,
});
const all: SpanQuery = { from: start - 1, to: start + minute, namespaces: [], tags: {}, limit: 10 };
const ids = async (spans: ReturnType<typeof open>["spans"], query: Partial<SpanQuery> = {}) =>
  (await spans.search({ ...all, ...query })).traces.map(([one]) => one?.trace.replace(/^0+/, ""));

test("traces come whole, the newest first, and say where there are more", async () => {
  const { spans } = open();
  const first = span("a", 1, { tags: { k: "v" }, pod: "web-1", service: "cart.shop", parent: "00000000000000aa" });
  spans.add([first, span("b", 2), span("a", 3), span("c", 10)]);
  expect(await ids(spans)).toEqual(["c", "a", "b"]);
  expect(await ids(spans, { limit: 2 })).toEqual(["c", "a"]);
  expect((await spans.search({ ...all, limit: 2 })).more).toBe(true);
  expect((await spans.search(all)).more).toBe(false);
  expect((await spans.trace("a".padStart(32, "0")))[0]).toEqual(first);
});

test("a span that is told twice counts once", async () => {
  const { spans } = open();
  const one = span("a", 1);
  spans.add([one, one]);
  expect(await spans.trace(one.trace)).toHaveLength(1);
});

test("traces are found by time, workload, service, edge, duration, failure and tag", async () => {
  const { spans } = open();
  const call = span("a", 1, { kind: "client", service: "cart.shop.svc" });
  const root = span("b", 2, { duration: 90_000, tags: { "http.method": "GET" } });
  spans.add([
    call,
    span("a", 2, { workload: "cart", parent: call.id, failed: true }),
    root,
    span("b", 3, { parent: root.id, duration: 1000 }),
    span("c", 30_000, { namespace: "bank", workload: "ledger" }),
  ]);
  const web = { namespace: "shop", name: "web" };
  const cart = { namespace: "shop", name: "cart" };
  expect(await ids(spans, { to: start + 1000 })).toEqual(["b", "a"]);
  expect(await ids(spans, { subject: { workloads: [cart] } })).toEqual(["a"]);
  const ledger = { namespace: "bank", name: "ledger" };
  expect(await ids(spans, { subject: { workloads: [cart, ledger] } })).toEqual(["c", "a"]);
  expect(await ids(spans, { subject: { service: "cart.shop.svc" } })).toEqual(["a"]);
  expect(await ids(spans, { subject: { edge: { source: web, target: cart } } })).toEqual(["a"]);
  expect(await ids(spans, { subject: { edge: { source: cart, target: web } } })).toEqual([]);
  const outside = { source: web, target: { service: "cart.shop.svc" } };
  expect(await ids(spans, { subject: { edge: outside } })).toEqual(["a"]);
  expect(await ids(spans, { atLeast: 50 })).toEqual(["b"]);
  expect(await ids(spans, { atMost: 2 })).toEqual([]);
  expect(await ids(spans, { subject: { workloads: [web] }, atMost: 2 })).toEqual(["b"]);
  expect(await ids(spans, { failed: true })).toEqual(["a"]);
  expect(await ids(spans, { namespaces: ["bank"] })).toEqual(["c"]);
  expect(await ids(spans, { tags: { "http.method": "GET" } })).toEqual(["b"]);
  expect(await ids(spans, { tags: { "http.method": "POST" } })).toEqual([]);
});

test("they survive a restart", async () => {
  const first = open();
  first.spans.add([span("a", 1)]);
  first.spans.close();
  first.store.close();
  expect(await ids(open().spans)).toEqual(["a"]);
});

test("they leave after their time, and the oldest of them where they are too much, before any traffic does", async () => {
  const { store, spans } = open({ retention: { fine: 5 * minute, coarse: 60 * minute, bytes: 400_000 } });
  store.write(start, 0, [{ name: "n", labels: {}, value: 1 }]);
  for (let i = 0; i < 1000; i++) spans.add([span(`${i}`, i, { tags: { text: "x".repeat(200) } })]);
  expect(await ids(spans, { limit: 500 })).toHaveLength(500);
  store.write(start + minute, 5000, []);
  expect(await spans.bytes()).toBeLessThan(100_000);
  expect((await ids(spans))[0]).toBe("999");
  expect(store.totals({ names: ["n"] }, start - 1, start).totals).toHaveLength(1);
  store.write(start + 90 * minute, 5000, []);
  expect(await ids(spans)).toEqual([]);
});

test("a clock that was set back leaves none of what it called the future", async () => {
  const { store, spans } = open();
  store.write(start + 300 * minute, 5000, []);
  spans.add([span("a", 300 * minute), span("b", -minute)]);
  expect(await ids(spans, { from: 0, to: start + 600 * minute })).toEqual(["a", "b"]);
  store.write(start, 5000, []);
  expect(await ids(spans, { from: 0, to: start + 600 * minute })).toEqual(["b"]);
});
