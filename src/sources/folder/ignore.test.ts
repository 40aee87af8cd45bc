import { expect, test } from "vitest";
import { readIgnore } from "./ignore.ts";

test.each([
  ["*.tmp.yaml", "a.tmp.yaml", false, true],
  ["*.tmp.yaml", "deep/a.tmp.yaml", false, true],
  ["*.tmp.yaml", "a.yaml", false, false],
  ["/top.yaml", "top.yaml", false, true],
  ["/top.yaml", "deep/top.yaml", false, false],
  ["drafts/", "drafts", true, true],
  ["drafts/", "drafts", false, false],
  ["a/**/z.yaml", "a/b/c/z.yaml", false, true],
  ["a/**/z.yaml", "a/z.yaml", false, true],
  ["**/x", "a/b/x", false, true],
  ["a?c", "abc", false, true],
  ["# only a comment", "# only a comment", false, false],
  ["*.yaml\n!keep.yaml", "keep.yaml", false, false],
  ["*.yaml\n!keep.yaml", "other.yaml", false, true],
  ["", "a", false, false],
])("%j of %s", (rules, path, isFolder, expected) => {
  expect(readIgnore(rules)(path, isFolder)).toBe(expected);
});

test("a pattern of many stars takes no time", () => {
  expect(readIgnore(`${"*a".repeat(200)}b`)("a".repeat(5000), false)).toBe(false);
});
