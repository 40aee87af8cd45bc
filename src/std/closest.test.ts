import { expect, test } from "vitest";
import { closest, editDistance } from "./closest.ts";

test.each([
  ["htttp", ["http", "tcp", "tls", "hosts"], "http"],
  ["Virtual", ["VirtualService", "DestinationRule"], "VirtualService"],
  ["lables", ["labels", "name"], "labels"],
  ["SIMPEL", ["SIMPLE", "MUTUAL"], "SIMPLE"],
  ["zzz", ["http", "tcp"], undefined],
  ["x", [], undefined],
])("%s of %j is %s", (word, candidates, expected) => {
  expect(closest(word, candidates)).toBe(expected);
});

test("a swap of neighbours is one step", () => {
  expect(editDistance("ab", "ba")).toBe(1);
  expect(editDistance("", "abc")).toBe(3);
});
