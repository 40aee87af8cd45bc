import { expect, test } from "vitest";
import { compileRe2, re2Fault } from "./re2.ts";

test.each(["a+", "(?i)abc", "(?P<n>a)", "\\pN+", "\\d{3}", "\\Qa.b\\E", ""])("takes %j", (pattern) => {
  expect(re2Fault(pattern)).toBeUndefined();
});

test.each([
  ["(?=x)", "invalid perl operator: (?="],
  ["(?<!x)", "invalid perl operator: (?<"],
  ["(a)\\1", "invalid escape sequence: \\1"],
  ["[", "missing ]: ["],
  ["(a", "missing ): (a"],
  ["x**", "bad repetition operator: **"],
  ["a{1001}", "invalid repetition size: {1001}"],
  ["\\u0041", "invalid escape sequence: \\u"],
])("refuses %j: %s", (pattern, fault) => {
  expect(re2Fault(pattern)).toContain(fault);
  expect(re2Fault(pattern)).toContain(fault);
});

test("a pattern that would keep V8 busy for years is matched at once", () => {
  const evil = compileRe2("(a+)+$");
  expect(evil.matches(`${"a".repeat(50_000)}b`)).toBe(false);
  expect(evil.finds(`b${"a".repeat(50)}`)).toBe(true);
});

test("matches the whole text, as Envoy does", () => {
  const either = compileRe2("a|ab");
  expect([either.matches("ab"), either.matches("abc"), either.finds("abc")]).toEqual([true, false, true]);
});
