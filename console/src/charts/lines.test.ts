import { expect, it } from "vitest";
import { merged } from "./lines.ts";

it("puts lines on one axis, in order, with gaps where one has no value", () => {
  const data = merged([
    {
      name: "p50",
      points: [
        [2000, 2],
        [1000, 1],
      ],
    },
    {
      name: "p95",
      points: [
        [2000, null],
        [3000, 9],
      ],
    },
  ]);
  expect(data).toEqual([
    [1, 2, 3],
    [1, 2, null],
    [null, null, 9],
  ]);
});

it("is empty without lines", () => expect(merged([])).toEqual([[]]));
