import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { validateObject } from "../../src/analysis/validate/object.ts";
import { formatDiagnostic } from "../../src/model/diagnostic.ts";
import { parseText } from "../../src/sources/text/text.ts";

interface Case {
  readonly id: string;
  readonly file: string;
  readonly expected: "valid" | "invalid";
  readonly errorContains?: string | null;
}

const folder = resolve(import.meta.dirname, "../../../shared/conformance/validate");
const isHere = existsSync(join(folder, "cases.json"));

function cases(file: string): readonly Case[] {
  if (!isHere) return [];
  return (JSON.parse(readFileSync(join(folder, file), "utf8")) as { cases: Case[] }).cases;
}

function findings(file: string): string[] {
  const { diagnostics } = parseText(file, readFileSync(join(folder, file), "utf8"), validateObject);
  return diagnostics.filter((d) => d.level === "Error").map(formatDiagnostic);
}

if (!isHere) {
  test("the conformance cases are here", () => {
    process.stdout.write(`conformance/validate: no cases at ../shared/conformance, nothing was checked\n`);
    expect(process.env["CI"]).not.toBe("true");
  });
} else {
  describe.each(["cases.json", "crd_cases.json"])("%s", (file) => {
    test.each(cases(file).map((c) => [c.id, c] as const))("%s", (_id, { file: text, expected, errorContains }) => {
      const errors = findings(text);
      expect({ verdict: errors.length === 0 ? "valid" : "invalid", errors }).toMatchObject({ verdict: expected });
      if (errorContains) expect(errors.join("\n")).toContain(errorContains);
      for (const error of errors) expect(error).toMatch(/^\S+:\d+:\d+ error /);
    });
  });
}
