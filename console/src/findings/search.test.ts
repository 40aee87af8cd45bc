import { expect, test } from "vitest";
import type { Finding } from "../../../src/api/contract/config.ts";
import { countCodes, isShown, readFindings } from "./search.ts";

const host: Finding = { code: "IST0101", also: ["KIA1101"], level: "Error", origin: "a", at: "a:1", message: "m" };
const method: Finding = { code: "KIA0102", level: "Warning", origin: "a", at: "a:2", message: "m" };

test("a finding is shown under each of its codes", () => {
  expect(isShown(host, { code: "KIA1101" })).toBe(true);
  expect(isShown(host, { tool: "IST" })).toBe(true);
  expect(isShown(method, { tool: "IST" })).toBe(false);
  expect(isShown(method, { level: "Error" })).toBe(false);
  expect(countCodes([host, method, host])).toEqual([
    ["IST0101", 2],
    ["KIA0102", 1],
    ["KIA1101", 2],
  ]);
});

test("an address that makes no sense asks for all", () => {
  expect(readFindings({ level: "Awful", tool: "SONAR", code: 4 })).toEqual({});
  expect(readFindings({ level: "Info", tool: "KIA", code: "KIA0102", at: "a:2" })).toEqual({
    ...{ level: "Info", tool: "KIA", code: "KIA0102", at: "a:2" },
  });
});
