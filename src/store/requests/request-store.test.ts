import { deepStrictEqual, strictEqual } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "vitest";
import type { Observed } from "../../model/observed.ts";
import type { Log } from "../../std/log.ts";
import { type LocalStore, openStore } from "../store.ts";
import { requestStore } from "./request-store.ts";
import { requestTable } from "./request-table.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
const hour = 3_600_000;
let folder: string;
let store: LocalStore;
let now = 0;
const clock = { now: () => now, after: () => () => {} };
const opened = () => openStore({ path: join(folder, "history.db"), log, tables: [requestTable] });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weft-requests-"));
  now = 100 * hour;
  store = opened();
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const seen = (at: number, path: string, code = 503): Observed => ({
  ...{ at, path, code, port: 80, protocol: "http", mtls: true, verdict: "allowed", flags: [] },
  source: { workload: "shop/web" },
  destination: { namespace: "shop", workload: "cart-v1", pod: "cart-v1-0" },
  ...{ requestBytes: 0, responseBytes: 0 },
});
const all = { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 100_000, fits: () => true };
const paths = (found: readonly Observed[]) => found.map(({ path }) => path);

test("what was told is there after a restart, the latest first, in the time and of the kind that is asked for", async () => {
  const requests = requestStore(store, clock);
  for (const i of [1, 2, 3]) requests.add(seen(now - i * 1000, `/${i}`, i === 2 ? 403 : 503));
  requests.close();
  store.close();
  store = opened();
  const again = requestStore(store, clock);
  deepStrictEqual((await again.search(all))[0], seen(now - 1000, "/1"));
  deepStrictEqual(paths(await again.search(all)), ["/1", "/2", "/3"]);
  deepStrictEqual(paths(await again.search({ ...all, from: now - 2500 })), ["/1", "/2"]);
  deepStrictEqual(paths(await again.search({ ...all, limit: 1 })), ["/1"]);
  deepStrictEqual(paths(await again.search({ ...all, fits: ({ code }) => code === 403 })), ["/2"]);
});

test("what comes too fast is left, what is old is dropped, and there are never more than so many", async () => {
  const requests = requestStore(store, clock);
  for (let i = 0; i < 600; i++) requests.add(seen(now, `/${i}`));
  strictEqual((await requests.search(all)).length, 500);
  for (let n = 0; n < 45; n++) {
    for (let i = 0; i < 500; i++) requests.add(seen(now, "/more"));
    await requests.search({ ...all, limit: 1 });
  }
  store.write(now, 1000, []);
  strictEqual((await requests.search(all)).length, 20_000);
  now += 25 * hour;
  store.write(now, 1000, []);
  deepStrictEqual(await requests.search(all), []);
});
