import { expect, it } from "vitest";
import { lanesOf } from "./lanes.ts";

it("keeps edges between the same nodes apart, whichever way they run, and a lone one in the middle", () => {
  const lanes = lanesOf([
    { id: "1", source: "a", target: "b" },
    { id: "2", source: "b", target: "a" },
    { id: "3", source: "a", target: "c" },
  ]);
  expect([...lanes]).toEqual([
    ["1", -6],
    ["2", 6],
    ["3", 0],
  ]);
});
