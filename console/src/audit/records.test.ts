import { expect, it } from "vitest";
import { csvOf, outcomeOf, whatOf } from "./records.ts";

const record = {
  ...{ at: 0, who: "ann", how: "oidc", from: "10.0.0.9", method: "POST", path: "/api/v1/certificates/rotate?now" },
  ...{ status: 200, objects: [] },
};

it("says what was asked for and what came of it", () => {
  expect([200, 303, 401, 422, 502, 0].map((status) => outcomeOf({ status }))).toEqual([
    ...["done", "done", "refused", "refused", "failed", "cut"],
  ]);
  expect(whatOf(record)).toBe("certificates rotate");
  expect(whatOf({ ...record, objects: ["Sidecar shop/x: created"] })).toBe("Sidecar shop/x: created");
});

it("is a table for others, in which no name becomes a formula", () => {
  expect(csvOf([{ ...record, who: '=cmd("x")', objects: ["a", "b"] }]).split("\r\n")[1]).toBe(
    `"1970-01-01T00:00:00.000Z","'=cmd(""x"")","oidc","10.0.0.9","POST","/api/v1/certificates/rotate?now","200","a; b"`,
  );
});
