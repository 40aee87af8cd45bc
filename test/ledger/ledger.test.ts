import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ledgerTypes } from "../../scripts/ledger/fields.ts";
import { judgedFields, strayRows } from "../../scripts/ledger/judged.ts";
import { tabledTypes, withTables } from "../../scripts/ledger/page.ts";
import { type Judgement, ledgerOf } from "../../src/gen/ledger.ts";
import { goldenCases } from "./golden-cases.ts";
import { witnessesOf } from "./witness.ts";

const root = join(import.meta.dirname, "../..");
const types = ledgerTypes();

/** All that is said of a type, of values too. */
const judgements = (type: string): readonly (readonly [string, Judgement])[] =>
  ledgerOf(type).flatMap(({ path, judgement, values = {}, keys = {} }) =>
    [judgement, ...Object.values(values), ...Object.values(keys)].flatMap((j) => (j ? [[path, j] as const] : [])),
  );

describe.each(types)("%s", (type) => {
  test("every field of its schema is judged", () => {
    expect(judgedFields(type).flatMap((f) => (f.judgement === undefined ? [f.path] : []))).toEqual([]);
  });

  test("no row is of a field that no schema has", () => {
    expect(strayRows(type)).toEqual([]);
  });

  test("rows say who does it, or why not", () => {
    for (const [path, said] of judgements(type)) {
      if (said.verdict === "done")
        expect({ path, by: said.by, there: existsSync(join(root, said.by)) }).toMatchObject({ there: true });
      else expect({ path, why: said.why }).toMatchObject({ why: expect.stringMatching(/^[^\s.].*[^\s.]$/) });
    }
  });
});

test("the page of compatibility is made of it: node scripts/ledger.mjs", () => {
  const page = readFileSync(join(root, "docs/compatibility.md"), "utf8");
  expect(page).toBe(withTables(page));
  expect(tabledTypes(page).toSorted()).toEqual(types);
});

test("each row stands on one line and judges", () => {
  const folder = join(root, "data/ledger");
  for (const file of readdirSync(folder, { recursive: true }) as string[]) {
    if (!file.endsWith(".yaml")) continue;
    for (const line of readFileSync(join(folder, file), "utf8").split("\n"))
      expect({ file, line }).toMatchObject({
        line: expect.stringMatching(/^($|#|\S+: \{(done|inert|aside|refused|later|as|values|keys): \S.*\}$)/),
      });
  }
});

test("a golden case would notice the loss of each field that is done", () => {
  const witnesses = witnessesOf(goldenCases());
  const unnoticed = types.flatMap((type) =>
    judgedFields(type).flatMap(({ path, judgement }) => {
      if (judgement?.verdict !== "done" || witnesses.get(type)?.has(path)) return [];
      return isTested(path, judgement.test) ? [] : [`${type} ${path}`];
    }),
  );
  expect(unnoticed).toEqual([]);
});

/** Whether the test file that a row names is there and speaks of the field. */
function isTested(path: string, file: string | undefined): boolean {
  if (file === undefined || !existsSync(join(root, file))) return false;
  return readFileSync(join(root, file), "utf8").includes(path.slice(path.lastIndexOf(".") + 1));
}
