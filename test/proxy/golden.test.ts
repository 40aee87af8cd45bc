import { ok } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import { compareGolden, difference } from "../golden.ts";
import { servedAndCounted, servedTo } from "./mesh.ts";

const testdata = join(import.meta.dirname, "testdata");
const read = (file: string) => readFileSync(join(testdata, file), "utf8");
const base = read("mesh.yaml");
const cases = readdirSync(testdata).flatMap((f) => (f.endsWith(".in.yaml") ? [f.slice(0, -".in.yaml".length)] : []));

test("the mesh itself", () => compareGolden(join(testdata, "mesh.out.json"), servedTo(base)));

test.each(cases)("%s", (name) => {
  const text = read(`${name}.in.yaml`);
  const proxy = /^proxy: .*$/m.exec(text)?.[0] ?? "";
  const shown = name.includes("metrics") ? servedAndCounted : servedTo;
  const changed = difference(shown(base, proxy), shown(base, text));
  ok(changed !== undefined, "the case changes something");
  compareGolden(join(testdata, `${name}.out.json`), changed);
});
