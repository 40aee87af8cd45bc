import fc from "fast-check";
import { expect, test } from "vitest";
import { PartedMap, partOf, unequalNames } from "./parted-map.ts";

const count = 4;

function parted(entries: readonly (readonly [string, number])[]): PartedMap<number> {
  const parts = Array.from({ length: count }, () => new Map<string, number>());
  for (const [name, value] of entries) parts[partOf(name, count)]?.set(name, value);
  return new PartedMap(parts);
}

const entries = fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.nat(2)));

test("it holds what a map holds", () => {
  fc.assert(
    fc.property(entries, fc.string({ maxLength: 3 }), (all, name) => {
      const [made, plain] = [parted(all), new Map(all)];
      expect(new Map(made)).toEqual(plain);
      expect(new Set(made.keys())).toEqual(new Set(plain.keys()));
      expect([...made.values()].sort()).toEqual([...plain.values()].sort());
      expect([made.get(name), made.has(name), made.size]).toEqual([plain.get(name), plain.has(name), plain.size]);
    }),
  );
});

test("what two hold differently, whether in parts or not", () => {
  fc.assert(
    fc.property(entries, entries, (one, other) => {
      const [a, b] = [new Map(one), new Map(other)];
      const names = new Set([...a.keys(), ...b.keys()]);
      const expected = [...names].filter((name) => a.get(name) !== b.get(name)).sort();
      expect([...unequalNames(a, b)].sort()).toEqual(expected);
      expect([...unequalNames(parted(one), parted(other))].sort()).toEqual(expected);
      expect([...unequalNames<number>(a, parted(other))].sort()).toEqual(expected);
    }),
  );
});
