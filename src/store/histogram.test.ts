import { describe, expect, test } from "vitest";
import { addBuckets, quantile } from "./histogram.ts";

describe("quantile", () => {
  const buckets = { bounds: [10, 20, 50], counts: [0, 10, 10, 0], sum: 0 };
  test.each([
    [0.5, 20],
    [0.25, 15],
    [0.75, 35],
    [1, 50],
  ])("%d lies at %d, linear inside its bucket", (q, expected) => expect(quantile(q, buckets)).toBe(expected));
  test("the first bucket begins at 0", () => expect(quantile(0.5, { bounds: [8], counts: [4, 0], sum: 0 })).toBe(4));
  test("what lies above every bound is told as the highest bound", () =>
    expect(quantile(0.99, { bounds: [8], counts: [1, 99], sum: 0 })).toBe(8));
  test("nothing observed has no quantile", () =>
    expect(quantile(0.5, { bounds: [8], counts: [0, 0], sum: 0 })).toBeUndefined());
});

describe("addBuckets", () => {
  test("adds count by count", () =>
    expect(addBuckets({ bounds: [1], counts: [1, 2], sum: 3 }, { bounds: [1], counts: [10, 20], sum: 30 })).toEqual({
      bounds: [1],
      counts: [11, 22],
      sum: 33,
    }));
  test("keeps each count's own bound where the bounds differ", () =>
    expect(
      addBuckets({ bounds: [1, 5], counts: [1, 2, 3], sum: 1 }, { bounds: [2], counts: [10, 20], sum: 1 }),
    ).toEqual({
      bounds: [1, 2, 5],
      counts: [1, 10, 2, 23],
      sum: 2,
    }));
});
