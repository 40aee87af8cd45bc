import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Increment } from "../model/sample.ts";
import type { Span } from "../model/span.ts";
import type { Log } from "../std/log.ts";
import { spanStore } from "../store/spans/span-store.ts";
import type { Store } from "../store/store.ts";
import { startHistory } from "./history-thread.ts";

const start = 1_700_000_040_000;
const minute = 60_000;
let dir: string;
let said: string[];
let stores: Store[];
const log: Log = {
  debug: () => {},
  info: (m) => said.push(m),
  warn: (m) => said.push(m),
  error: (m) => said.push(m),
  with: () => log,
};
const open = () => {
  const store = startHistory(join(dir, "history.db"), log);
  stores.push(store);
  return store;
};
const written = (store: Store, at: number) =>
  new Promise<void>((resolve) => {
    const end = store.onWrite((t) => {
      if (t < at) return;
      end();
      resolve();
    });
  });

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "weft-thread-"));
  said = [];
  stores = [];
});
afterEach(async () => {
  for (const store of stores) await store.close();
  rmSync(dir, { recursive: true });
});

const bounds = [1, 5, 10];
const look = (n: number): Increment[] => [
  { name: "istio_requests_total", labels: { to: "a", code: "200" }, value: n },
  { name: "istio_requests_total", labels: { to: "b", code: "503" }, value: 2 * n },
  { name: "d", labels: { to: "a" }, value: n + 1, buckets: { bounds, counts: [0, n, 0, 1], sum: 16 } },
  { name: "istio_request_bytes", labels: { to: "a" }, value: n, buckets: { bounds, counts: [0, 0, 0, n], sum: 64 } },
];
const names = ["istio_requests_total", "d", "istio_request_bytes"];

test("what is written is answered, also of what was there before, and after the series were made anew", async () => {
  const first = open();
  for (let i = 1; i <= 30; i++) {
    const told = i % 10 === 0 && written(first, start + i * 5000);
    first.write(start + i * 5000, 5000, look(i));
    await told;
  }
  const ask = (store: Store) => store.totals({ names }, start, start + 150_000);
  const whole = await ask(first);
  expect(whole.covered).toBe(150_000);
  expect(whole.totals).toEqual([
    { name: "istio_requests_total", labels: { to: "a", code: "200" }, value: 465 },
    { name: "istio_requests_total", labels: { to: "b", code: "503" }, value: 930 },
    { name: "d", labels: { to: "a" }, value: 495, buckets: { bounds, counts: [0, 465, 0, 30], sum: 480 } },
    { name: "istio_request_bytes", labels: { to: "a" }, value: 1920 },
  ]);
  expect(first.state()).toMatchObject({ where: "file", series: 4 });
  await first.close();
  const again = open();
  expect(await ask(again)).toEqual(whole);
  again.write(start + 31 * 5000, 5000, look(1));
  const matches = (labels: Readonly<Record<string, string>>) => labels["to"] === "b";
  const steps = await again.steps({ names, matches }, start + 29 * 5000, start + 31 * 5000, 5000);
  expect(steps.map((s) => s.totals.map((t) => t.value))).toEqual([[60], [2]]);
  expect(said).toEqual([]);
});

test("who waits for a write is told when it can be asked for, and spans lie in the same file", async () => {
  const store = open();
  const told = written(store, start);
  store.write(start, 5000, look(1));
  await told;
  expect(store.state().series).toBe(4);
  const spans = spanStore(store, { now: () => start, after: () => () => {} });
  const one: Span = {
    ...{ trace: "a".repeat(32), id: "b".repeat(16), kind: "server", name: "x", start: start * 1000, duration: 5 },
    ...{ failed: false, namespace: "shop", workload: "web", tags: { k: "v" } },
  };
  spans.add([one]);
  expect(await spans.trace(one.trace)).toEqual([one]);
  spans.close();
  await store.close();
  expect(await spanStore(open(), { now: () => start, after: () => () => {} }).trace(one.trace)).toEqual([one]);
});

test("a process that is killed between and in its writes leaves a file that is whole", async () => {
  const script = fileURLToPath(new URL("./testdata/endless-history.ts", import.meta.url));
  for (let round = 0; round < 2; round++) {
    const child = spawn(process.execPath, [script, join(dir, "history.db"), String(start + round * 1000 * minute)]);
    const looks = await new Promise<number>((resolve) => {
      let all = 0;
      child.stdout.on("data", (bytes: Buffer) => {
        all += bytes.length;
        if (all >= 40 + 17 * round) resolve(all);
      });
    });
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    const store = open();
    const from = start + round * 1000 * minute;
    const { totals } = await store.totals({ names: ["istio_requests_total"] }, from, from + 900 * minute);
    expect(store.state()).toMatchObject({ where: "file" });
    expect(totals).toHaveLength(200);
    for (const { value } of totals) expect(value).toBeGreaterThanOrEqual(looks);
    await store.close();
  }
  expect(said).toEqual([]);
  expect(readdirSync(dir).filter((name) => !/^history\.db(-wal|-shm)?$/.test(name))).toEqual([]);
});

test("a second process is told that the file is another's, and keeps its history in memory", async () => {
  const first = open();
  first.write(start, 5000, look(1));
  await first.totals({ names }, 0, start);
  const second = open();
  second.write(start, 5000, look(7));
  const { totals } = await second.totals({ names }, 0, start);
  expect(totals[0]?.value).toBe(7);
  expect(second.state()).toMatchObject({ where: "memory" });
  expect((await first.totals({ names }, 0, start)).totals[0]?.value).toBe(1);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain("database is locked");
});
