import { expect, test } from "vitest";
import { FakeClock, newFolder, open, recordingLog } from "./ca.fixture.ts";
import { endingSoon, endingWords } from "./expiry.ts";

const DAY = 24 * 3_600_000;
const of = (life: number) => ({ subject: "CN=root", serial: "01", notBefore: 0, notAfter: life * DAY });

test.each([
  [91, undefined],
  [90, 90],
  [31, 90],
  [30, 30],
  [7, 7],
  [-1, 7],
])("the end of a certificate that has %d days left is told 90, 30 and 7 days before (%s)", (left, withinDays) => {
  expect(endingSoon([of(365)], (365 - left) * DAY)[0]?.withinDays).toBe(withinDays);
});

test("one that lives for two weeks is told in its second", () => {
  expect(endingSoon([of(14)], 6 * DAY)).toEqual([]);
  const [ending] = endingSoon([of(14)], 8 * DAY);
  expect(ending).toMatchObject({ withinDays: 7 });
  expect(ending && endingWords(ending, 8 * DAY)).toContain('"CN=root" ends in 6 days (1970-01-15T00:00:00.000Z)');
});

test("an authority tells once for each stage, and its status holds what ends", async () => {
  const clock = new FakeClock();
  const log = recordingLog();
  const settings = { leafLifeMs: DAY, rootLifeMs: 400 * DAY, renewRootAt: 0.99 };
  const authority = await open(newFolder(), clock, log, { settings });
  const told = () => log.lines.filter((line) => line.includes("ends in"));
  clock.time += 309 * DAY;
  await authority.look();
  expect(told()).toEqual([]);
  for (const days of [2, 1, 58, 1, 25, 1]) {
    clock.time += days * DAY;
    await authority.look();
  }
  expect(told()).toHaveLength(3);
  expect(authority.status().ending[0]).toContain("ends in");
});
