import { X509Certificate } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Authority } from "./authority.ts";
import { FakeClock, newFolder, open, recordingLog, reviews } from "./ca.fixture.ts";
import { keepAuthority } from "./upkeep.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const settings = { leafLifeMs: HOUR, rootLifeMs: 30 * DAY };

const states = (authority: Authority) => authority.status().roots.map(({ state }) => state);
const isSignedBy = (chain: string, root: string) =>
  new X509Certificate(chain).verify(new X509Certificate(root).publicKey);

test("a root that ends soon is replaced: both trusted, then the new one signs, then the old one goes when its last leaf has expired", async () => {
  const clock = new FakeClock();
  const folder = newFolder();
  const authority = await open(folder, clock, recordingLog(), { settings });
  const [first] = authority.roots as [string];
  clock.time += 23 * DAY;
  await authority.look();
  expect(authority.roots).toEqual([first]);
  clock.time += 1 * DAY;
  await authority.look();
  expect(states(authority)).toEqual(["active", "next"]);
  const second = authority.roots[1] as string;
  const until = authority.status().roots[1]?.until as number;
  // Every leaf that is valid when the next root signs was renewed, over a connection that told of it, since it was made.
  expect(until - clock.time).toBeGreaterThan(HOUR);
  clock.time = until - 1;
  await authority.look();
  const last = await authority.issue(reviews);
  expect(isSignedBy(last.chain, first)).toBe(true);
  clock.time = until;
  await authority.look();
  expect(states(authority)).toEqual(["active", "retiring"]);
  expect(authority.roots).toEqual([second, first]);
  expect(isSignedBy((await authority.issue(reviews)).chain, second)).toBe(true);
  clock.time = last.notAfter;
  await authority.look();
  expect(authority.roots).toEqual([second, first]);
  clock.time = authority.status().roots[1]?.until as number;
  await authority.look();
  expect(authority.roots).toEqual([second]);
  expect(readFileSync(join(folder, "root.pem"), "utf8")).not.toContain(first);
});

test("a root that is rotated by hand; once more, and at once", async () => {
  const clock = new FakeClock();
  const authority = await open(newFolder(), clock, recordingLog(), { settings });
  const heard = vi.fn();
  authority.onChange(heard);
  expect((await authority.rotate()).roots.map(({ state }) => state)).toEqual(["active", "next"]);
  expect(heard).toHaveBeenCalledTimes(1);
  expect((await authority.rotate()).roots).toHaveLength(2);
  const next = authority.roots[1];
  expect((await authority.rotate({ now: true })).roots.map(({ state }) => state)).toEqual(["active", "retiring"]);
  expect(authority.roots[0]).toBe(next);
});

test("a crash after any step loses nothing: who opens the home next goes on from there", async () => {
  const clock = new FakeClock();
  const folder = newFolder();
  const reopen = () => open(folder, clock, recordingLog(), { settings });
  const [first] = (await reopen()).roots;
  await (await reopen()).rotate();
  const next = await reopen();
  expect(states(next)).toEqual(["active", "next"]);
  expect(next.roots[0]).toBe(first);
  clock.time = next.status().roots[1]?.until as number;
  await reopen();
  const after = await reopen();
  expect(states(after)).toEqual(["active", "retiring"]);
  expect(isSignedBy((await after.issue(reviews)).chain, after.roots[0] as string)).toBe(true);
});

test("replicas of one home agree on one next root, and follow whoever was first", async () => {
  const clock = new FakeClock();
  const folder = newFolder();
  const open1 = () => open(folder, clock, recordingLog(), { settings });
  const [one, two] = [await open1(), await open1()];
  clock.time += 25 * DAY;
  await one.look();
  await two.look();
  expect(two.roots).toEqual(one.roots);
  expect(states(two)).toEqual(["active", "next"]);
});

test("a root whose key is lost is never replaced unasked; asked, the new one signs within a minute while the old one is trusted", async () => {
  const clock = new FakeClock();
  const folder = newFolder();
  const before = await open(folder, clock, recordingLog(), { settings });
  const [old] = before.roots as [string];
  rmSync(join(folder, "root.pem"));
  await before.look();
  // Whoever has it in memory goes on, and tells.
  expect(before.status()).toMatchObject({ signing: true, trouble: expect.stringContaining("is gone") });
  const authority = await open(folder, clock, recordingLog(), { settings, known: async () => old });
  expect(authority.status()).toMatchObject({ signing: false, trouble: expect.stringContaining("weft certs recover") });
  expect(authority.roots).toEqual([old]);
  await authority.look();
  expect(authority.roots).toEqual([old]);
  await expect(authority.rotate()).rejects.toThrow("is not there");
  await authority.recover();
  expect(states(authority)).toEqual(["next", "retiring"]);
  await expect(authority.issue(reviews)).rejects.toThrow("no certificates are issued now");
  clock.time += MINUTE;
  await authority.look();
  expect(authority.status()).toMatchObject({ signing: true });
  expect(authority.roots).toHaveLength(2);
  expect(isSignedBy((await authority.issue(reviews)).chain, authority.roots[0] as string)).toBe(true);
  await expect(authority.recover()).rejects.toThrow("nothing to recover");
  clock.time = authority.status().roots[1]?.until as number;
  await authority.look();
  expect(authority.roots).toHaveLength(1);
});

test("a store that is spoilt and mended: signs again without a restart", async () => {
  const clock = new FakeClock();
  const folder = newFolder();
  const path = join(folder, "root.pem");
  await open(folder, clock);
  const good = readFileSync(path, "utf8");
  writeFileSync(path, good.slice(150));
  const log = recordingLog();
  const authority = await open(folder, clock, log);
  expect(authority.status().signing).toBe(false);
  const heard = vi.fn();
  authority.onChange(heard);
  writeFileSync(path, good);
  await authority.look();
  expect(heard).toHaveBeenCalledTimes(1);
  expect(authority.status().signing).toBe(true);
  expect(log.lines.at(-1)).toContain("all is well again");
  await authority.issue(reviews);
});

test("a store that is spoilt under a running authority: it goes on with what it has, and tells", async () => {
  const folder = newFolder();
  const authority = await open(folder, new FakeClock());
  const { roots } = authority;
  writeFileSync(join(folder, "root.pem"), "nonsense");
  await authority.look();
  expect(authority.roots).toBe(roots);
  expect(authority.status()).toMatchObject({ signing: true, trouble: expect.stringContaining("does not hold") });
});

test("a clock that jumps drops no root before it was right for ten minutes", async () => {
  const clock = new FakeClock();
  const log = recordingLog();
  const authority = await open(newFolder(), clock, log, { settings });
  await authority.rotate({ now: true });
  const looked = vi.spyOn(authority, "look");
  const [onJump, onSettled] = [vi.fn(), vi.fn()];
  const stop = keepAuthority({ authority, clock, log, everyMs: MINUTE, onJump, onSettled });
  const step = async () => {
    clock.next();
    await vi.waitFor(() => expect(clock.pending).toBe(1));
  };
  await step();
  expect(looked).toHaveBeenLastCalledWith(false);
  clock.time += DAY;
  await step();
  expect(onJump).toHaveBeenCalledTimes(1);
  expect(authority.roots).toHaveLength(2);
  expect(log.lines.join("\n")).toContain("the clock jumped");
  for (let i = 0; i < 9; i++) await step();
  expect(authority.roots).toHaveLength(2);
  expect(onSettled).not.toHaveBeenCalled();
  for (let i = 0; i < 2; i++) await step();
  expect(authority.roots).toHaveLength(1);
  expect(onSettled).toHaveBeenCalledTimes(1);
  stop();
  expect(clock.pending).toBe(0);
});
