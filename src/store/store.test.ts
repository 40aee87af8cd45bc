import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
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

describe("queries", () => {
  test("totals sum what a window saw, from excluded, to included", () => {
    const store = open();
    store.write(start, 0, [requests(100)]);
    store.write(start + 5000, 5000, [requests(2), requests(3, { code: "503" })]);
    store.write(start + 10_000, 5000, [requests(4)]);
    const step = store.totals({ names: ["istio_requests_total"] }, start, start + 10_000);
    expect(step.covered).toBe(10_000);
    expect(step.totals.map((t) => [t.labels["code"], t.value]).sort()).toEqual([
      ["200", 6],
      ["503", 3],
    ]);
    const failed = store.totals({ names: ["istio_requests_total"], labels: { code: "503" } }, start, start + 10_000);
    expect(failed.totals.map((t) => t.value)).toEqual([3]);
  });

  test("steps tell a zero from a time that nobody looked at", () => {
    const store = open();
    store.write(start + 5000, 5000, [requests(2)]);
    store.write(start + 10_000, 5000, []);
    store.write(start + 20_000, 5000, [requests(7)]);
    const steps = store.steps({ names: ["istio_requests_total"] }, start, start + 20_000, 5000);
    expect(steps.map((s) => [s.covered, s.totals[0]?.value])).toEqual([
      [5000, 2],
      [5000, undefined],
      [0, undefined],
      [5000, 7],
    ]);
  });

  test("any window counts each look once, whichever tables it is read from", () => {
    const looks = 40 * 12;
    for (const fine of [600 * minute, 7 * minute]) {
      const store = open({ retention: { fine, coarse: 600 * minute, bytes: 1e9 } });
      for (let i = 1; i <= looks; i++) store.write(start + i * 5000, 5000, [requests(i)]);
      const sum = (from: number, to: number) => ((to - from) / 5) * ((from + to) / 10 + 0.5);
      const total = (from: number, to: number) =>
        store.totals({ names: ["istio_requests_total"] }, start + from * 1000, start + to * 1000).totals[0]?.value;
      const end = looks * 5;
      for (const from of [end - 30, end - 60, end - 95, end - 330])
        expect(total(from, end), `${from}`).toBe(sum(from, end));
      expect(total(60, end - 35)).toBe(sum(60, end - 35));
      if (fine > end * 1000)
        for (const from of [15, 130, 1000]) expect(total(from, end - 35), `${from}`).toBe(sum(from, end - 35));
      expect(total(-1000, end)).toBe(sum(0, end));
    }
  });

  test("histograms add up over looks and after the roll-up into minutes", () => {
    const store = open({ retention: { fine: 2 * minute, coarse: 60 * minute, bytes: 1e9 } });
    const look = (n: number): Increment => ({
      name: "d",
      labels: {},
      value: n + 1,
      buckets: { bounds: [1, 5], counts: [n, 0, 1], sum: n * 0.5 },
    });
    for (let t = 5000; t <= 10 * minute; t += 5000) store.write(start + t, 5000, [look(2)]);
    const whole = store.totals({ names: ["d"] }, start, start + 10 * minute).totals[0];
    expect(whole).toMatchObject({ value: 360, buckets: { bounds: [1, 5], counts: [240, 0, 120], sum: 120 } });
    const perMinute = store.steps({ names: ["d"] }, start, start + 10 * minute, minute);
    expect(perMinute.map((s) => s.totals[0]?.value)).toEqual(new Array(10).fill(36));
  });
});

describe("keeping", () => {
  test("fine samples leave after their time, minutes stay longer, then leave too", () => {
    const store = open({ retention: { fine: 2 * minute, coarse: 5 * minute, bytes: 1e9 } });
    for (let t = 5000; t <= 20 * minute; t += 5000) store.write(start + t, 5000, [requests(1)]);
    const sum = (from: number, to: number) =>
      store.totals({ names: ["istio_requests_total"] }, start + from, start + to).totals[0]?.value ?? 0;
    expect(sum(19 * minute, 20 * minute)).toBe(12);
    expect(sum(16 * minute, 17 * minute)).toBe(12);
    expect(sum(0, 10 * minute)).toBe(0);
  });

  test("a series that nothing was written to for that time is forgotten, the others are not", () => {
    const store = open({ retention: { fine: 2 * minute, coarse: 30 * minute, bytes: 1e9 } });
    store.write(start, 0, [requests(1, { i: "gone" })]);
    for (let t = minute; t <= 200 * minute; t += minute) store.write(start + t, minute, [requests(1, { i: "here" })]);
    expect(store.state().series).toBe(1);
    store.write(start + 201 * minute, minute, [requests(1, { i: "gone" }), requests(1, { i: "here" })]);
    const { totals } = store.totals({ names: ["istio_requests_total"] }, start + 199 * minute, start + 201 * minute);
    expect(totals.map((t) => [t.labels["i"], t.value])).toEqual([
      ["here", 2],
      ["gone", 1],
    ]);
  });

  test("a size that is exceeded drops the oldest looks before any minute, and the newest stay", () => {
    const path = join(dir, "history.db");
    const bytes = 400_000;
    const store = open({ path, retention: { fine: 600 * minute, coarse: 600 * minute, bytes } });
    const many = Array.from({ length: 200 }, (_, i) => requests(1 + i, { i: String(i) }));
    const uneven = (t: number) => many.map((one, i) => ({ ...one, value: one.value * (1 + ((t / 5000 + i) % 13)) }));
    const last = 118 * minute;
    for (let t = 5000; t <= last - minute; t += 5000) store.write(start + t, 5000, uneven(t));
    for (let t = last - minute + 5000; t <= last; t += 5000) store.write(start + t, 5000, many);
    const oldest = (tier: string) =>
      store.use(start, (db) => Number(db.prepare(`SELECT min(first) AS t FROM ${tier}`).get()?.["t"]) - start) ?? 0;
    expect(oldest("coarse")).toBe(minute);
    expect(store.state().since).toEqual({ fine: start + oldest("fine"), coarse: start + minute });
    expect(oldest("fine")).toBeGreaterThan(15 * minute);
    expect(oldest("fine")).toBeLessThan(last - 15 * minute);
    expect(store.state().bytes).toBeLessThan(bytes * 1.25);
    expect(statSync(path).size).toBeLessThan(bytes * 4);
    const recent = store.totals(
      { names: ["istio_requests_total"], labels: { i: "7" } },
      start + last - minute,
      start + last,
    );
    expect(recent.totals[0]?.value).toBe(12 * 8);
    expect(said).toEqual([]);
  });

  test("series beyond the limit are not kept, and that is told once", () => {
    const store = open({ maxSeries: 2 });
    store.write(
      start,
      0,
      ["a", "b", "c", "d"].map((i) => requests(1, { i })),
    );
    expect(store.state().series).toBe(2);
    expect(said).toHaveLength(1);
  });

  test("a file is read again, with its series and sums", () => {
    const path = join(dir, "history.db");
    open({ path }).write(start, 5000, [requests(3)]);
    stores.pop()?.close();
    const again = open({ path });
    again.write(start + 5000, 5000, [requests(4)]);
    expect(again.state()).toMatchObject({ where: "file", series: 1 });
    expect(again.totals({ names: ["istio_requests_total"] }, 0, start + 5000).totals[0]?.value).toBe(7);
  });

  test("a clock that was set back does not hide what follows", () => {
    const store = open();
    store.write(start + 600 * minute, 5000, [requests(3)]);
    store.write(start, 5000, [requests(4)]);
    expect(store.totals({ names: ["istio_requests_total"] }, start - 5000, start).totals[0]?.value).toBe(4);
  });
});

describe("trouble", () => {
  test("a file that is no database is moved aside, told once, and a new one begun", () => {
    const path = join(dir, "history.db");
    writeFileSync(path, "this is not a database, it is a letter to nobody in particular".repeat(100));
    const store = open({ path });
    store.write(start, 5000, [requests(3)]);
    expect(store.state()).toMatchObject({ where: "file" });
    expect(readdirSync(dir).filter((f) => f.includes(".broken-"))).toHaveLength(1);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain("history.db: the traffic history is broken");
  });

  test("a file that is broken inside is moved aside when that shows, told once, and history goes on", () => {
    const path = join(dir, "history.db");
    const many = Array.from({ length: 300 }, (_, i) => requests(1 + i, { i: String(i) }));
    const first = open({ path });
    for (let i = 1; i <= 40; i++) first.write(start + i * 5000, 5000, many);
    first.close();
    stores.pop();
    const pages = readFileSync(path);
    writeFileSync(path, Buffer.concat([pages.subarray(0, 4096), Buffer.alloc(pages.length - 4096, 0xa5)]));
    const store = open({ path });
    for (let i = 41; i <= 43; i++) store.write(start + i * 5000, 5000, many);
    expect(store.totals({ names: ["istio_requests_total"] }, start + 41 * 5000, start + 43 * 5000).totals).toHaveLength(
      300,
    );
    expect(store.state()).toMatchObject({ where: "file" });
    expect(readdirSync(dir).filter((f) => f.includes(".broken-"))).toHaveLength(1);
    expect(said).toHaveLength(1);
  });

  test("only its owner reads it", () => {
    const path = join(dir, "history.db");
    open({ path }).write(start, 5000, [requests(1)]);
    for (const file of readdirSync(dir)) expect(statSync(join(dir, file)).mode & 0o077, file).toBe(0);
  });

  test("a directory that cannot be written leaves the last minutes in memory, told once", () => {
    const store = open({ path: join(dir, "missing", "history.db") });
    for (let i = 1; i < 5; i++) store.write(start + i * 5000, 5000, [requests(i)]);
    expect(store.state()).toMatchObject({ where: "memory" });
    expect(store.totals({ names: ["istio_requests_total"] }, start, start + 20_000).totals[0]?.value).toBe(10);
    expect(said).toHaveLength(1);
  });

  test("a disk that is full: told once, memory serves, and the file is used again when there is room", () => {
    const mount = join(dir, "disk");
    const script = fileURLToPath(new URL("./testdata/full-disk.ts", import.meta.url));
    const run = spawnSync(
      "unshare",
      [
        "-Urm",
        "sh",
        "-c",
        `mkdir ${mount} && mount -t tmpfs -o size=700k none ${mount} && exec ${process.execPath} ${script} ${mount}`,
      ],
      { encoding: "utf8" },
    );
    expect(run.stderr).toBe("");
    expect(JSON.parse(run.stdout)).toEqual({ full: "memory", warnings: 1, answered: true, after: "file" });
  });
});
