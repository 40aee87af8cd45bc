import { X509Certificate } from "node:crypto";
import { expect, test, vi } from "vitest";
import type { Svid } from "./authority.ts";
import { FakeClock, newFolder, open, random, recordingLog, reviews } from "./ca.fixture.ts";
import { renewalTime } from "./rotation.ts";
import { createSvidStore } from "./svid-store.ts";

const HOUR = 3_600_000;

test("renewal is at half of the life, or a tenth of it earlier", () => {
  const life = { issuedAt: 1_000, notAfter: 2_000 };
  expect(renewalTime(life, { ...random, next: () => 0 })).toBe(1_500);
  expect(renewalTime(life, { ...random, next: () => 0.999 })).toBeCloseTo(1_400, 0);
});

test("an SVID is renewed again and again, and those who use it are told", async () => {
  const clock = new FakeClock();
  const authority = await open(newFolder(), clock);
  const renewed: Svid[] = [];
  const store = createSvidStore({
    authority,
    clock,
    random,
    log: recordingLog(),
    onRenewed: (svid) => renewed.push(svid),
  });
  const [first, same] = await Promise.all([store.get(reviews), store.get(reviews)]);
  expect(same).toBe(first);
  for (const count of [1, 2, 3]) {
    const gone = clock.next();
    expect(gone / HOUR).toBeGreaterThan(9);
    expect(gone / HOUR).toBeLessThan(12);
    await vi.waitFor(() => expect(renewed).toHaveLength(count));
    const current = renewed.at(-1) as Svid;
    expect(store.peek(reviews)).toBe(current);
    expect(new X509Certificate(current.chain).validToDate.getTime()).toBe(clock.time + 24 * HOUR);
  }
  store.release(reviews);
  expect(clock.pending).toBe(0);
  expect(store.peek(reviews)).toBeUndefined();
});

test("a failure keeps the old one and is tried again", async () => {
  const clock = new FakeClock();
  const authority = await open(newFolder(), clock);
  const log = recordingLog();
  let broken = false;
  const issue: typeof authority.issue = (identity) =>
    broken ? Promise.reject(new Error("no more entropy")) : authority.issue(identity);
  const onRenewed = vi.fn();
  const store = createSvidStore({ authority: { issue }, clock, random, log, onRenewed });
  const first = await store.get(reviews);
  broken = true;
  clock.next();
  await vi.waitFor(() => expect(clock.pending).toBe(1));
  expect(await store.get(reviews)).toBe(first);
  expect(log.lines.at(-1)).toContain("the old one stays");
  expect(store.failed()).toEqual([{ identity: reviews, at: clock.time, error: "no more entropy" }]);
  broken = false;
  expect(clock.next()).toBeLessThan(1_000);
  await vi.waitFor(() => expect(onRenewed).toHaveBeenCalledTimes(1));
  expect(store.failed()).toEqual([]);
  expect(await store.get(reviews)).not.toBe(first);
});

test("after a long sleep of the machine an expired one is not given out", async () => {
  const clock = new FakeClock();
  const store = createSvidStore({
    authority: await open(newFolder(), clock),
    clock,
    random,
    log: recordingLog(),
    onRenewed: () => {},
  });
  const first = await store.get(reviews);
  clock.time += 30 * HOUR;
  const second = await store.get(reviews);
  expect(second.notAfter).toBeGreaterThan(first.notAfter);
});

test("a clock that is set back does not keep a certificate from being renewed", async () => {
  const clock = new FakeClock();
  const onRenewed = vi.fn();
  const authority = await open(newFolder(), clock);
  const store = createSvidStore({ authority, clock, random, log: recordingLog(), onRenewed });
  await store.get(reviews);
  // The timer goes on; the time is a month behind when it rings.
  const now = clock.now.bind(clock);
  clock.now = () => now() - 30 * 24 * HOUR;
  clock.next();
  await vi.waitFor(() => expect(onRenewed).toHaveBeenCalledTimes(1));
  store.close();
});

test("a clock that is set forward: what is due is renewed when the store is asked to look", async () => {
  const clock = new FakeClock();
  const onRenewed = vi.fn();
  const authority = await open(newFolder(), clock);
  const store = createSvidStore({ authority, clock, random, log: recordingLog(), onRenewed });
  await store.get(reviews);
  store.retry();
  expect(onRenewed).not.toHaveBeenCalled();
  clock.time += 20 * HOUR;
  store.retry();
  await vi.waitFor(() => expect(onRenewed).toHaveBeenCalledTimes(1));
  store.close();
});
