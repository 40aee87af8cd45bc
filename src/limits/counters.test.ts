import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Clock } from "../std/clock.ts";
import { type Bucket, type Counters, take } from "./bucket.ts";
import { memoryCounters } from "./memory.ts";
import { redisCounters } from "./redis.ts";

const bucket = (key: string, more: Partial<Bucket> = {}): Bucket => ({
  key,
  intervalMs: 3_600_000,
  burst: 5,
  binding: true,
  ...more,
});

function clockAt(start: number): Clock {
  return { now: () => start, after: () => () => {} };
}

describe("a bucket", () => {
  const minute = { intervalMs: 6000, burst: 10 };

  test("gives its burst at once, then one each interval", () => {
    let fullAt: number | undefined;
    const seen = Array.from({ length: 12 }, () => {
      const taken = take(minute, fullAt, 1000);
      fullAt = taken.fullAt;
      return [taken.allowed, taken.remaining, taken.waitMs];
    });
    deepStrictEqual(seen.slice(0, 3), [
      [true, 9, 0],
      [true, 8, 0],
      [true, 7, 0],
    ]);
    deepStrictEqual(seen.slice(9), [
      [true, 0, 6000],
      [false, 0, 6000],
      [false, 0, 6000],
    ]);
    strictEqual(take(minute, fullAt, 6999).allowed, false);
    strictEqual(take(minute, fullAt, 7000).allowed, true);
  });

  test("never lets more through than burst plus what time has filled, whatever the times", () => {
    let seed = 5;
    const random = (n: number) => {
      seed = (seed * 48271) % 2147483647;
      return seed % n;
    };
    for (const limit of [minute, { intervalMs: 1 / 3, burst: 1 }, { intervalMs: 7.3, burst: 40 }]) {
      const start = 1_700_000_000_000;
      let [now, passed, fullAt] = [start, 0, undefined as number | undefined];
      for (let i = 0; i < 3000; i++) {
        now += random(3) === 0 ? random(50) : 0;
        const taken = take(limit, fullAt, now);
        fullAt = taken.fullAt;
        if (taken.allowed) passed++;
        else ok(take(limit, fullAt, now + taken.waitMs).allowed, "and says right when there is room again");
        ok(passed <= limit.burst + (now - start) / limit.intervalMs + 1e-3, `${passed} after ${now - start} ms`);
      }
    }
  });
});

test("in memory no more buckets are kept than are allowed, the least used goes first", async () => {
  const counters = memoryCounters(clockAt(0), 2);
  const one = { burst: 1 };
  for (const key of ["a", "b", "a", "c"]) await counters.take([bucket(key, one)]);
  strictEqual((await counters.take([bucket("a", one)]))[0]?.allowed, true, "b was used later than a");
  strictEqual((await counters.take([bucket("c", one)]))[0]?.allowed, false);
});

const directory = mkdtempSync(join(tmpdir(), "redis-"));
let redis: ChildProcess;
let port = 0;

function startRedis(): ChildProcess {
  const flags = ["--port", `${port}`, "--save", "", "--appendonly", "no", "--dir", directory];
  return spawn("redis-server", flags, { stdio: "ignore" }).on("error", (error) => {
    throw new Error(`redis-server does not run (on Debian: apt-get install redis-server): ${error.message}`);
  });
}

/** Resolves when something listens at the port. */
async function answers(): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    if (await new Promise((done) => socket.once("connect", () => done(true)).once("error", () => done(false))))
      return void socket.destroy();
    await new Promise((done) => setTimeout(done, 10));
  }
}

beforeAll(async () => {
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  port = (free.address() as AddressInfo).port;
  free.close();
  redis = startRedis();
  await answers();
});
afterAll(() => {
  redis.kill();
  rmSync(directory, { recursive: true, force: true });
});

async function reached(): Promise<Counters & { readonly states: boolean[] }> {
  const states: boolean[] = [];
  let found = () => {};
  const ready = new Promise<void>((done) => {
    found = done;
  });
  const counters = redisCounters({
    url: `redis://127.0.0.1:${port}`,
    onChange: ({ reachable }) => {
      states.push(reachable);
      if (reachable) found();
    },
  });
  await ready;
  return { ...counters, states };
}

describe.each(["memory", "redis"])("in %s", (where) => {
  let all: readonly Counters[];
  beforeAll(async () => {
    all = where === "memory" ? [memoryCounters(clockAt(1e12))] : [await reached(), await reached()];
  });
  afterAll(async () => void (await Promise.all(all.map((c) => c.close()))));
  const any = (i: number) => all[i % all.length] as Counters;

  test("1,000 requests at once of several control planes: exactly the burst passes", async () => {
    const taken = await Promise.all(
      Array.from({ length: 1000 }, (_, i) => any(i).take([bucket("crowd", { burst: 137 })])),
    );
    strictEqual(taken.filter(([one]) => one?.allowed).length, 137);
  });

  test("where one of several limits has no room, none is used up", async () => {
    const [wide, narrow] = [bucket("wide", { burst: 3 }), bucket("narrow", { burst: 1 })];
    const both = async () => (await any(0).take([wide, narrow])).map((t) => [t.allowed, t.remaining]);
    deepStrictEqual(await both(), [
      [true, 2],
      [true, 0],
    ]);
    strictEqual((await both())[1]?.[0], false);
    deepStrictEqual(await any(1).take([wide]), [{ allowed: true, remaining: 1, waitMs: 0 }]);
  });

  test("one that binds nobody counts what passes, and keeps nothing back", async () => {
    const [shadow, real] = [bucket("shadow", { burst: 1, binding: false }), bucket("real", { burst: 2 })];
    const seen = [];
    for (let i = 0; i < 3; i++) seen.push((await any(i).take([shadow, real])).map((t) => t.allowed));
    deepStrictEqual(seen, [
      [true, true],
      [false, true],
      [false, false],
    ]);
  });

  test("what it says of a wait", async () => {
    await any(0).take([bucket("wait", { intervalMs: 60_000, burst: 1 })]);
    const [told] = await any(1).take([bucket("wait", { intervalMs: 60_000, burst: 1 })]);
    ok(told !== undefined && !told.allowed && told.waitMs > 50_000 && told.waitMs <= 60_000, JSON.stringify(told));
  });
});

test("a Redis that is away refuses at once and is found again; that it is a new one is no trouble", async () => {
  const counters = await reached();
  await counters.take([bucket("before")]);
  redis.kill("SIGKILL");
  await once(redis, "exit");
  await rejects(async () => {
    for (;;) await counters.take([bucket("during")]);
  });
  redis = startRedis();
  for (;;) {
    const taken = await counters.take([bucket("after")]).catch(() => undefined);
    if (taken !== undefined) {
      strictEqual(taken[0]?.allowed, true);
      break;
    }
    await new Promise((done) => setTimeout(done, 10));
  }
  deepStrictEqual(counters.states, [true, false, true]);
  await counters.close();
});
