import fc from "fast-check";
import { expect, it } from "vitest";
import { alongAndBeside, around, curveBetween, overlap, type Point, pointOn } from "./geometry.ts";

const point = fc.record({ x: fc.integer({ min: -2000, max: 2000 }), y: fc.integer({ min: -2000, max: 2000 }) });

it("runs from the right side of the one plate to the left side of the other, and is whole in the middle", () => {
  fc.assert(
    fc.property(point, point, (a, b) => {
      const curve = curveBetween({ ...a, width: 100 }, { ...b, width: 40 }, 6);
      expect(pointOn(curve, 0)).toEqual({ x: a.x + 50, y: a.y + 6 });
      expect(pointOn(curve, 1)).toEqual({ x: b.x - 20, y: b.y + 6 });
      const before = pointOn(curve, 0.5 - 1e-9);
      const after = pointOn(curve, 0.5);
      expect(Math.hypot(before.x - after.x, before.y - after.y)).toBeLessThan(0.01);
    }),
  );
});

it("gives control points that lead back to where they were", () => {
  fc.assert(
    fc.property(point, point, point, (start, end, control) => {
      fc.pre(start.x !== end.x || start.y !== end.y);
      const { along, beside } = alongAndBeside(start, end, control);
      const length = Math.hypot(end.x - start.x, end.y - start.y);
      const back: Point = {
        x: start.x + along * (end.x - start.x) - (beside * (end.y - start.y)) / length,
        y: start.y + along * (end.y - start.y) + (beside * (end.x - start.x)) / length,
      };
      expect(Math.hypot(back.x - control.x, back.y - control.y)).toBeLessThan(0.001);
    }),
  );
});

it("knows boxes", () => {
  expect(overlap({ x: 0, y: 0, width: 10, height: 10 }, { x: 10, y: 0, width: 5, height: 5 })).toBe(false);
  expect(overlap({ x: 0, y: 0, width: 10, height: 10 }, { x: 9, y: 9, width: 5, height: 5 })).toBe(true);
  expect(around([], 4)).toBeUndefined();
  expect(around([{ x: 0, y: 0 }], 4)).toEqual({ x: -86, y: -28, width: 172, height: 56 });
});
