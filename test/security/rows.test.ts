import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tabledParts, withThreats } from "../../scripts/security/page.ts";
import { threatParts, threatRows, untested } from "../../scripts/security/rows.ts";

const parts = threatParts();
const page = readFileSync(join(import.meta.dirname, "../../SECURITY.md"), "utf8");

describe.each(parts)("%s", (part) => {
  const rows = threatRows(part);

  test("each row names a threat, and its answer with tests or why there is none", () => {
    for (const row of rows) {
      expect(row.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect({ id: row.id, threat: row.threat }).toMatchObject({ threat: expect.stringMatching(/^\S.{10,}$/) });
      const answered = row.refused ?? ((row.tests ?? []).length > 0 ? row.answer : undefined);
      expect({ id: row.id, answered }).toMatchObject({ answered: expect.stringMatching(/^\S.{3,}/) });
      expect(Object.keys(row).filter((key) => !["id", "threat", "answer", "tests", "refused"].includes(key))).toEqual(
        [],
      );
    }
  });

  test("each test that a row names is there", () => {
    expect(rows.flatMap((row) => (row.tests ?? []).flatMap((name) => untested(name) ?? []))).toEqual([]);
  });
});

test("no two rows have one name", () => {
  const ids = parts.flatMap((part) => threatRows(part).map((row) => row.id));
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test("a reference to a test that is not there is found", () => {
  const here = "test/security/rows.test.ts";
  expect(untested(`${here} › no two rows have one name`)).toBeUndefined();
  expect(untested(`${here} › there is no such title`)).toContain("has no test with");
  expect(untested("test/security/none.test.ts")).toContain("is no file of tests");
});

test("the tables of SECURITY.md are made of them: node scripts/security.mjs", () => {
  expect(page).toBe(withThreats(page));
  expect(tabledParts(page)).toEqual(expect.arrayContaining([...parts]));
});
