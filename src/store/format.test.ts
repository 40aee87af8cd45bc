import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Increment } from "../model/sample.ts";
import type { Log } from "../std/log.ts";
import { type LocalStore, openStore } from "./store.ts";

const minute = 60_000;
const start = 1_700_000_040_000;

let dir: string;
let said: string[];
const log: Log = {
  debug: () => {},
  info: (m) => said.push(m),
  warn: (m) => said.push(m),
  error: (m) => said.push(m),
  with: () => log,
};
const stores: LocalStore[] = [];
const open = (options: Partial<Parameters<typeof openStore>[0]> = {}) => {
  const store = openStore({ path: ":memory:", log, ...options });
  stores.push(store);
  return store;
};
const requests = (value: number, labels: Record<string, string> = { code: "200" }): Increment => ({
  name: "istio_requests_total",
  labels,
  value,
});

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "weft-store-"));
  said = [];
});
afterEach(() => {
  for (const store of stores.splice(0)) store.close();
  rmSync(dir, { recursive: true, force: true });
});

test("looks of many hours stand in rows of a quarter of an hour, minutes in rows of an hour, and both answer", () => {
  const store = open();
  const span = 7 * 60 * minute;
  for (let t = 20_000; t <= span; t += 20_000) store.write(start + t, 20_000, [requests(1 + (t % 7))]);
  const rows = (tier: string) =>
    store.use(start, (db) =>
      db
        .prepare(`SELECT first, last FROM ${tier} ORDER BY last`)
        .all()
        .map((r) => [Number(r["first"]), Number(r["last"])] as const),
    ) ?? [];
  expect(rows("fine").length).toBeLessThan(6 * 4 + 25);
  expect(rows("coarse").length).toBeLessThan(7 + 70);
  expect(rows("fine").some(([first, last]) => last - first > 14 * minute)).toBe(true);
  expect(rows("coarse").some(([first, last]) => last - first > 55 * minute)).toBe(true);
  const sum = (from: number, to: number) => {
    let all = 0;
    for (let t = 20_000; t <= span; t += 20_000) if (t > from && t <= to) all += 1 + (t % 7);
    return all;
  };
  const ask = (from: number, to: number) =>
    store.totals({ names: ["istio_requests_total"] }, start + from, start + to).totals[0]?.value;
  for (const [from, to] of [
    [0, span],
    [90 * minute, 91 * minute],
    [90 * minute + 40_000, 200 * minute + 20_000],
    [span - 25_000, span],
  ] as const)
    expect(ask(from, to), `${from} ${to}`).toBe(sum(from, to));
  const steps = store.steps({ names: ["istio_requests_total"] }, start + 100 * minute, start + 102 * minute, 20_000);
  expect(steps.map((s) => s.totals[0]?.value)).toEqual(
    [1, 2, 3, 4, 5, 6].map((i) => 1 + ((100 * minute + i * 20_000) % 7)),
  );
});

test("a file of another version is kept under another name, which is told", () => {
  const path = join(dir, "history.db");
  open({ path }).write(start, 5000, [requests(3)]);
  stores.pop()?.close();
  const before = new DatabaseSync(path);
  before.exec("PRAGMA user_version = 1");
  before.close();
  open({ path }).write(start, 5000, [requests(3)]);
  const [aside = ""] = readdirSync(dir).filter((f) => f.includes(".old-"));
  expect(said).toEqual([
    `${path}: the traffic history was written by another version (it is of format 1, this program has format 2); it was moved to ${join(dir, aside)} and a new one begun`,
  ]);
  const kept = new DatabaseSync(join(dir, aside));
  expect(kept.prepare("SELECT count(*) AS n FROM fine").get()?.["n"]).toBe(1);
  kept.close();
});

test("bytes of a row that are not what was written are told once, and the rest is answered", () => {
  const path = join(dir, "history.db");
  const store = open({ path });
  for (let t = 5000; t <= 5 * minute; t += 5000) store.write(start + t, 5000, [requests(1)]);
  store.use(start, (db) => db.exec("UPDATE fine SET points = zeroblob(9) WHERE last = (SELECT min(last) FROM fine)"));
  const all = () => store.steps({ names: ["istio_requests_total"] }, start + 5000, start + 5 * minute, 5000);
  expect(all().filter((s) => s.totals.length > 0)).toHaveLength(48);
  expect(all()).toHaveLength(59);
  expect(store.state()).toMatchObject({ where: "file" });
  expect(said).toEqual([
    `${path}: looks until ${new Date(start + minute).toISOString()} cannot be read; the rest of the history can`,
  ]);
});
