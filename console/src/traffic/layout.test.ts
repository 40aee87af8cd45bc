import { expect, it } from "vitest";
import { stretched } from "./layout.ts";

const places = new Map([
  ["a", { x: 0, y: 0 }],
  ["b", { x: 600, y: 52 }],
]);

it("draws rows apart where the layout is flatter than the view, within bounds, and never along", () => {
  // 764 x 100: a view of 6 to 1 has room for 127
  expect(stretched(places, 6).get("b")?.y).toBeCloseTo(52 * (764 / 6 / 100));
  expect(stretched(places, 1).get("b")).toEqual({ x: 600, y: 52 * 1.9 });
});

it("leaves a layout that is taller than the view as it is", () => expect(stretched(places, 20)).toBe(places));
