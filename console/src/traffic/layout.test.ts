import { expect, it } from "vitest";
import { nodeOf } from "../../test/scenarios/world.ts";
import { gridOf, stretched } from "./layout.ts";

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

it("puts plates in rows by name, about as wide by as high as the view", () => {
  const plates = Array.from({ length: 100 }, (_, i) => nodeOf({ name: `team-${String(99 - i).padStart(2, "0")}` }));
  const points = [...gridOf(plates, 1.6)];
  const [xs, ys] = [points.map(([, p]) => p.x), points.map(([, p]) => p.y)];
  expect(points[0]?.[0]).toBe("workload/default/team-00");
  const aspect = (Math.max(...xs) - Math.min(...xs)) / (Math.max(...ys) - Math.min(...ys));
  expect(aspect).toBeGreaterThan(1.1);
  expect(aspect).toBeLessThan(2.1);
  expect(new Set(points.map(([, p]) => `${p.x} ${p.y}`)).size).toBe(100);
});
