import { expect, it } from "vitest";
import { readTap, tapCommand, tapQuery } from "./tap-search.ts";

it("is the same question in the address, to the control plane and as a command", () => {
  const search = readTap({ workload: "reviews", path: "/reviews/*", status: 503, other: "x", method: "" });
  expect(search).toEqual({ workload: "reviews", path: "/reviews/*", status: "503" });
  expect(tapQuery(search, ["default"])).toBe("namespace=default&workload=reviews&path=%2Freviews%2F*&status=503");
  expect(tapCommand(search, ["default"])).toBe("npx weft tap reviews -n default --path '/reviews/*' --status 503");
  expect(tapCommand({}, [])).toBe("npx weft tap");
  expect(tapCommand({ from: "it's" }, [])).toBe(`npx weft tap --from 'it'\\''s'`);
});
