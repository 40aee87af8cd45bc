import { expect, it } from "vitest";
import { bookinfoConfig } from "../../test/scenarios/bookinfo-config.ts";
import { aboutOf, fileOf, lineOf, objectAt, readConfigSearch, whereOf } from "./filters.ts";

it("takes an origin apart, and a file's name for no object", () => {
  expect(aboutOf("VirtualService default/reviews")).toEqual({
    kind: "VirtualService",
    namespace: "default",
    name: "reviews",
  });
  expect(aboutOf("Namespace shop")).toEqual({ kind: "Namespace", namespace: "", name: "shop" });
  expect(aboutOf("half.yaml")).toBeUndefined();
});

it("reads file and line", () => {
  expect([lineOf("reviews.yaml:14:7"), lineOf("reviews.yaml:14"), lineOf("reviews.yaml")]).toEqual([14, 14, undefined]);
  expect([fileOf("a/b.yaml:14:7"), fileOf("a/b.yaml:14"), fileOf("c.yaml")]).toEqual([
    "a/b.yaml",
    "a/b.yaml",
    "c.yaml",
  ]);
});

it("drops what makes no sense in an address", () => {
  expect(readConfigSearch({ view: "x", level: "Fatal", kind: 3 })).toEqual({});
  expect(readConfigSearch({ view: "findings", level: "Error", kind: "Service" })).toEqual({
    view: "findings",
    level: "Error",
    kind: "Service",
  });
});

it("finds the object that a line belongs to", () => {
  const name = (at: string) => objectAt(at, bookinfoConfig)?.name;
  expect([
    name("bookinfo.yaml:1:1"),
    name("bookinfo.yaml:54:3"),
    name("bookinfo.yaml:55"),
    name("bookinfo.yaml:900:1"),
    name("none.yaml:3"),
  ]).toEqual(["productpage", "details", "reviews", "ratings", undefined]);
  expect(whereOf("a.yaml:14:7")).toBe("a.yaml:14");
});
