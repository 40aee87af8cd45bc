import { expect, test } from "vitest";
import { compare } from "./compare.ts";

const resource = (name: string, version: string) => ({ name, version, origins: [], resource: {} });

test("what was sent and what Envoy has are compared by name and version", () => {
  expect(compare("cluster", [resource("a", "1")], [resource("a", "1"), resource("static", "")])).toEqual([
    "Clusters match",
  ]);
  expect(
    compare("route", [resource("a", "2"), resource("b", "1")], [resource("a", "1"), resource("old", "1")]),
  ).toEqual([
    "Routes do not match:",
    "  a: version 2 was sent, Envoy has 1",
    "  b: sent, and not in Envoy",
    "  old: in Envoy, and not sent",
  ]);
});

test("Envoy keeps no versions of endpoints", () => {
  expect(compare("endpoint", [resource("a", "1")], [resource("a", "")])).toEqual(["Endpoints match"]);
});
