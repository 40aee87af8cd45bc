import { expect, test } from "vitest";
import { re2Fault } from "./re2.ts";
import { programSize } from "./re2-size.ts";

test.each([
  ["abc", 3],
  ["a{10}", 10],
  ["(ab){3,7}", 28],
  ["((a{10}){10}){10}", 1220],
  ["[]a]{3}", 9],
  ["\\p{Greek}", 3000],
  ["a{,3}", 5],
  ["(", 0],
  ["\\", 1],
])("%s", (pattern, size) => expect(programSize(pattern)).toBe(size));

test.each(["\\pL{1000}", "[\\pL\\pN]{500}", "(?:\\pL\\PL){20}", "((\\d{100}){10}){50}"])(
  "%s is refused before RE2 is asked, and the next pattern is fine",
  (pattern) => {
    expect(re2Fault(pattern)).toMatch(/^pattern too large/);
    expect(re2Fault("/api/v[0-9]+/.*")).toBeUndefined();
  },
);

test.each(["\\pL+", "(a+)+$", "(.*a){20}", "a{1000}", "[^/]{1,255}"])("%s is taken", (pattern) => {
  expect(re2Fault(pattern)).toBeUndefined();
});
