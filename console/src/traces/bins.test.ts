import { expect, test } from "vitest";
import { cellsOf, type Mark, nearest, rangeOf } from "./bins.ts";

const mark = (start: number, duration: number, failed = false): Mark => ({ id: `${start}`, start, duration, failed });

test("marks are counted by time and duration", () => {
  expect(cellsOf([mark(1, 3), mark(2, 4, true), mark(90, 3), mark(5, 300), mark(-1, 3)], 0, 100, 2)).toEqual([
    { from: 0, to: 50, low: 2, high: 5, count: 2, failed: 1 },
    { from: 50, to: 100, low: 2, high: 5, count: 1, failed: 0 },
    { from: 0, to: 50, low: 200, high: 500, count: 1, failed: 0 },
  ]);
});

test("what lies at the border or beyond the last is counted, too", () => {
  expect(cellsOf([mark(100, 0.01), mark(100, 9e6)], 0, 100, 4).map((c) => [c.from, c.low])).toEqual([
    [75, 0.1],
    [75, 50_000],
  ]);
});

test("the range holds every mark and is never narrow", () => {
  expect(rangeOf([])).toEqual([1, 100]);
  expect(rangeOf([3, 450])).toEqual([2, 500]);
  expect(rangeOf([20, 450])).toEqual([10, 500]);
  expect(rangeOf([12, 13])).toEqual([5, 40]);
});

test("the nearest mark within reach is found", () => {
  const place = ({ start, duration }: Mark) => ({ x: start, y: duration });
  const marks = [mark(0, 0), mark(10, 0)];
  expect(nearest(marks, place, { x: 7, y: 0 }, 8)?.id).toBe("10");
  expect(nearest(marks, place, { x: 50, y: 0 }, 8)).toBeUndefined();
});
