import { expect, test } from "vitest";
import { Attempts } from "./attempts.ts";
import { OneTime } from "./one-time.ts";
import { Sessions, sessionMs } from "./sessions.ts";

function world() {
  let now = 1000;
  const timers: { at: number; run: () => void }[] = [];
  let nth = 0;
  const clock = {
    now: () => now,
    after: (ms: number, run: () => void) => {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer) >>> 0, 1);
    },
  };
  const advance = (ms: number) => {
    now += ms;
    for (const timer of timers.filter(({ at }) => at <= now)) timer.run();
  };
  return { clock, advance, random: () => `secret-${nth++}` };
}
const ann = { name: "ann", groups: [], how: "token" } as const;

test("a session ends after eight hours, or when what it began with does, or by logging out, and cuts what streams", async () => {
  const { clock, advance, random } = world();
  const sessions = new Sessions({ clock, random });
  const begun = [await sessions.begin(ann), await sessions.begin(ann, clock.now() + 5000), await sessions.begin(ann)];
  const [long = "", , out = ""] = begun;
  const names = () => Promise.all(begun.map(async (id) => (await sessions.find(id))?.subject.name));
  let cut = 0;
  const stream = { once: () => {}, headersSent: true, destroy: () => cut++ };
  sessions.holds(out, stream as never);
  advance(4999);
  expect(await names()).toEqual(["ann", "ann", "ann"]);
  advance(1);
  await sessions.end((await sessions.find(out)) as never);
  expect(cut).toBe(1);
  expect(await names()).toEqual(["ann", undefined, undefined]);
  advance(sessionMs - 5001);
  expect((await sessions.find(long))?.csrf).toMatch(/^secret-/);
  advance(1);
  expect(await sessions.find(long)).toBe(undefined);
  expect(await sessions.find("secret-none")).toBe(undefined);
});

test("one person has fifty sessions at most, and the oldest go", async () => {
  const { clock, random } = world();
  const sessions = new Sessions({ clock, random });
  const bob = await sessions.begin({ ...ann, name: "bob" });
  const ids: string[] = [];
  for (let i = 0; i < 60; i++) ids.push(await sessions.begin(ann));
  const found = await Promise.all(ids.map((id) => sessions.find(id)));
  expect(ids.filter((_, i) => found[i] !== undefined)).toEqual(ids.slice(10));
  expect(await sessions.find(bob)).toBeDefined();
});

test("five wrong attempts from one address, then a minute's pause for it alone; three hundred from all", () => {
  const { clock, advance } = world();
  const attempts = new Attempts(() => clock.now());
  for (let i = 0; i < 5; i++) {
    expect(attempts.wait("a")).toBe(0);
    attempts.wrong("a");
  }
  expect([attempts.wait("a"), attempts.wait("b")]).toEqual([60, 0]);
  advance(59_001);
  expect(attempts.wait("a")).toBe(1);
  advance(999);
  expect(attempts.wait("a")).toBe(0);
  for (let i = 0; i < 300; i++) attempts.wrong(`many-${i}`);
  expect(attempts.wait("new")).toBeGreaterThan(0);
});

test("a code is good once, and not for long", () => {
  const { clock, advance, random } = world();
  const codes = new OneTime<string>(() => clock.now(), random);
  const [first, second] = [codes.issue("x", 1000), codes.issue("y", 1000)];
  expect([codes.redeem(first), codes.redeem(first), codes.redeem("else")]).toEqual(["x", undefined, undefined]);
  advance(1000);
  expect(codes.redeem(second)).toBe(undefined);
});
