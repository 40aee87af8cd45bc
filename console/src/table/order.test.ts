import { expect, it } from "vitest";
import { filtered, formatSort, parseSort, sorted } from "./order.ts";

it("sorts numbers as numbers, names with numbers in them as people would, and what is absent last", () => {
  expect(sorted([3, 20, 100], (n) => n, false)).toEqual([3, 20, 100]);
  expect(sorted(["w-10", "w-9"], (n) => n, false)).toEqual(["w-9", "w-10"]);
  expect(sorted([undefined, 1, 2], (n) => n, true)).toEqual([2, 1, undefined]);
  expect(sorted([undefined, 2, 1], (n) => n, false)).toEqual([1, 2, undefined]);
});

it("does not touch what it was given", () => {
  const rows = Object.freeze([2, 1]);
  expect(sorted(rows, (n) => n, false)).toEqual([1, 2]);
  expect(rows).toEqual([2, 1]);
});

it("keeps the rows that hold every word", () => {
  const rows = ["Reviews v1 default", "ratings v1 default", "reviews v2 shop"];
  expect(filtered(rows, (r) => r, " reviews  V1")).toEqual(["Reviews v1 default"]);
  expect(filtered(rows, (r) => r, "")).toEqual(rows);
});

it("reads back the sort that it wrote", () => {
  const fallback = { column: "name", down: false };
  expect(parseSort(undefined, fallback)).toEqual(fallback);
  for (const sort of [fallback, { column: "rate", down: true }])
    expect(parseSort(formatSort(sort), fallback)).toEqual(sort);
});
