import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { patternOf } from "../../src/analysis/validate/schema/pattern.ts";

const root = join(import.meta.dirname, "../..");

/** Patterns of the definitions' schemas, and those in their CEL rules. */
const patterns = new Set<string>();
for (const file of readdirSync(join(root, "data/crds")).filter((name) => name.endsWith(".json"))) {
  JSON.parse(readFileSync(join(root, "data/crds", file), "utf8"), (key, value: unknown) => {
    if (key === "pattern" && typeof value === "string") patterns.add(value);
    if (key === "rule" && typeof value === "string")
      for (const [, , found = ""] of value.matchAll(/matches\([rR]?(['"])(.*?)\1\)/g)) patterns.add(found);
    return value;
  });
}

/** Texts of half a megabyte that make a matcher try everything it can, and fail. */
const hostile = ["a", "a-", "a.", "1.", "9h", "/a", "%41", "{a}", "*.", "A", ":"].map(
  (part) => `${part.repeat(500_000 / part.length)}!`,
);

test("there are patterns to look at", () => {
  expect(patterns.size).toBeGreaterThan(20);
});

// What a matcher that goes back and tries again needs for one of them is hours; the time that a test has is the bound.
test.each([...patterns])("no text makes %s take long", (pattern) => {
  const matches = patternOf(pattern);
  for (const text of hostile) expect(typeof matches(text)).toBe("boolean");
});

test.each([...patterns])("short and long texts are judged alike by %s", (pattern) => {
  const matches = patternOf(pattern);
  for (const text of ["a", "a.b", "*.a.b", "/a", "10s", "a-", "", "-", "example.com/x", "HTTP", "a b"]) {
    // What stands in a text of many lines is not what a pattern with ^ and $ is about.
    if (!pattern.startsWith("^") || !pattern.endsWith("$") || pattern.includes("|")) continue;
    const long = text.replace(/a/g, "a".repeat(600));
    expect({ text, matches: matches(long) }).toEqual({
      text,
      matches: new RegExp(pattern.replace(/^\(\?i\)/, "")).test(long),
    });
  }
});

/** Where an expression is made at run time: of our own words alone, or of what shipped definitions say, and then by `patternOf`. */
const allowed: Readonly<Record<string, number>> = {
  "src/analysis/validate/names.ts": 4,
  "src/analysis/validate/schema/pattern.ts": 1,
  "src/api/http/static-files.ts": 1,
  "src/install/schema.ts": 1,
};

describe("in the source", () => {
  const files = ["src", "bin"].flatMap((folder) =>
    (readdirSync(join(root, folder), { recursive: true }) as string[])
      .filter((name) => /\.(ts|mjs)$/.test(name) && !/\.test\.|^gen\/.*_pb/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  const count = (pattern: RegExp) =>
    Object.fromEntries(
      files.flatMap((file) => {
        const found = readFileSync(join(root, file), "utf8").match(pattern)?.length ?? 0;
        return found === 0 ? [] : [[file, found]];
      }),
    );

  test("V8 compiles no expression of a user", () => {
    expect(files.length).toBeGreaterThan(500);
    expect(count(/\bRegExp\(/g)).toEqual(allowed);
  });

  test("no text becomes code", () => {
    expect(count(/\beval\(|new Function\(|vm\.run|node:vm"/g)).toEqual({});
  });
});
