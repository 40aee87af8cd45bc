import { expect, test, vi } from "vitest";
import { FakeClock, random, recordingLog } from "./ca.fixture.ts";
import type { KeyHome } from "./key-home.ts";
import { followOrders, orderFile, orderText, outcomeOf } from "./orders.ts";

/** One Secret, as several replicas see it. */
function sharedHome(): KeyHome & { text: string | undefined } {
  const home = {
    text: undefined as string | undefined,
    path: (name: string) => name,
    read: async () => home.text,
    async replace(_: string, before: string | undefined, next: string) {
      await Promise.resolve();
      if (home.text === before) home.text = next;
      return home.text ?? "";
    },
  };
  return home;
}

function replica(home: KeyHome, fails?: string) {
  const clock = new FakeClock();
  const make = async () => {
    if (fails !== undefined) throw new Error(fails);
    return { roots: [] } as never;
  };
  const authority = { rotate: vi.fn(make), recover: vi.fn(make) };
  const reissue = vi.fn(async () => {});
  const stop = followOrders({ home, authority, reissue, clock, random, log: recordingLog(), everyMs: 5000 });
  const look = async () => {
    await vi.waitFor(() => expect(clock.pending).toBe(1));
    clock.next();
    await vi.waitFor(() => expect(clock.pending).toBe(1));
  };
  return { authority, reissue, look, stop };
}

test("of two replicas one makes the root, once, and says so", async () => {
  const home = sharedHome();
  const two = [replica(home), replica(home)] as const;
  await two[0].look();
  home.text = orderText("rotate", 7);
  expect(outcomeOf(home.text, 7)).toBeUndefined();
  await Promise.all(two.map((one) => one.look()));
  await Promise.all(two.map((one) => one.look()));
  const calls = two.flatMap(({ authority }) => authority.rotate.mock.calls);
  expect(calls).toEqual([[{ now: false }]]);
  expect(outcomeOf(home.text, 7)).toEqual({});
  expect(outcomeOf(home.text, 8)).toBeUndefined();
});

test("why it could not is told to whoever ordered it", async () => {
  const home = sharedHome();
  const one = replica(home, "the authority signs; there is nothing to recover");
  home.text = orderText("recover", 9);
  await one.look();
  await one.look();
  expect(outcomeOf(home.text, 9)).toEqual({ failed: "the authority signs; there is nothing to recover" });
  expect(one.authority.rotate).not.toHaveBeenCalled();
});

test("each replica replaces its certificates once, and not for an order that was there before it", async () => {
  const home = sharedHome();
  home.text = orderText("reissue", 1);
  const two = [replica(home), replica(home)] as const;
  await Promise.all(two.map((one) => one.look()));
  expect(two.map(({ reissue }) => reissue.mock.calls.length)).toEqual([0, 0]);
  home.text = orderText("reissue", 2);
  for (let i = 0; i < 3; i++) await Promise.all(two.map((one) => one.look()));
  expect(two.map(({ reissue }) => reissue.mock.calls.length)).toEqual([1, 1]);
});

test.each(["", "rotate", "rotate x", "rm 5", "rotate 5 6", "done 5"])("%j is no order", async (text) => {
  const home = sharedHome();
  const one = replica(home);
  await one.look();
  home.text = text;
  await one.look();
  expect([one.authority.rotate, one.authority.recover, one.reissue].flatMap(({ mock }) => mock.calls)).toEqual([]);
  expect(home.text).toBe(text);
  expect(await home.read(orderFile)).toBe(text);
  one.stop();
});
