import { expect, it } from "vitest";
import { firstFrame, frameMs, nextFrame, rangeOf } from "./replay.ts";

const now = 1_700_000_003_000;

it("goes over the last minutes in whole frames, and ends there", () => {
  const { from, to } = rangeOf(now - 60_000, 300, now);
  expect([from % frameMs, to, to - from]).toEqual([0, 1_700_000_000_000, 300_000]);
  expect(firstFrame(now, 300)).toBe(from);
  let [frames, moment] = [1, from];
  for (let next = nextFrame(moment, to); next !== undefined; next = nextFrame(moment, to))
    [moment, frames] = [next, frames + 1];
  expect([moment, frames]).toEqual([to, 31]);
});

it("goes around a moment that is long past", () => {
  const moment = now - 7_200_000;
  const { from, to } = rangeOf(moment, 300, now);
  expect(from).toBeLessThan(moment);
  expect(to).toBeGreaterThan(moment);
});
