import { expect, test } from "vitest";
import { levelQuery } from "./log.ts";

test("levels are written as Envoy takes them", () => {
  expect(levelQuery(undefined)).toEqual([]);
  expect(levelQuery("debug")).toEqual(["level=debug"]);
  expect(levelQuery("http:debug,rbac:warn")).toEqual(["http=debug", "rbac=warning"]);
  expect(() => levelQuery("loud")).toThrow('"loud" is no level');
  expect(() => levelQuery("a&b:debug")).toThrow();
});
