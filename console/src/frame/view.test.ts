import { expect, it } from "vitest";
import { readView, shows } from "./view.ts";

it("reads namespaces and window from an address, and drops what makes no sense", () => {
  expect(readView({ ns: "default,shop", window: "300" })).toEqual({ ns: "default,shop", window: 300 });
  expect(readView({ ns: "", window: 7 })).toEqual({});
  expect(readView({ ns: 3, window: "x" })).toEqual({});
  expect(readView({ window: 60 })).toEqual({});
  expect(readView({ refresh: "30" })).toEqual({ refresh: 30 });
  expect(readView({ refresh: "off" })).toEqual({ refresh: "off" });
  expect(readView({ refresh: 7 })).toEqual({});
  expect(readView({ refresh: "live" })).toEqual({});
});

it("shows everything where no namespace was chosen", () => {
  expect([shows([], "shop"), shows(["shop"], "shop"), shows(["default"], "shop")]).toEqual([true, true, false]);
});
