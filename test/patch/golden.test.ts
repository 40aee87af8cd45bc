import { ok } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonValue } from "@bufbuild/protobuf";
import { test } from "vitest";
import { decodeResource } from "../../src/main/decode.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { compareGolden, difference } from "../golden.ts";
import { configOf } from "../proxy/mesh.ts";

// What objects that change a proxy's own configuration change in it, resource by resource.

const testdata = join(import.meta.dirname, "testdata");
const read = (file: string) => readFileSync(join(testdata, file), "utf8");
const base = read("mesh.yaml");
const cases = readdirSync(testdata).flatMap((f) => (f.endsWith(".in.yaml") ? [f.slice(0, -".in.yaml".length)] : []));

test.each(cases)("%s", (name) => {
  const text = read(`${name}.in.yaml`);
  const about = /^proxy: .*$/m.exec(text)?.[0] ?? "";
  const objects = text.replace(/^proxy: .*$/m, "");
  const [, before = "", after = objects] = /^([\s\S]*)\n# then\n([\s\S]*)$/.exec(objects) ?? [];
  const changed = difference(whole(base, before, about), whole(base, before, after, about));
  ok(changed !== undefined, "the case changes something");
  compareGolden(join(testdata, `${name}.out.json`), changed);
});

function whole(...texts: readonly string[]): JsonValue {
  const shown = { ...TYPE, secret: undefined, scopedRoute: undefined };
  const sets = configOf(...texts);
  return Object.fromEntries(
    Object.entries(shown).flatMap(([name, type]) => {
      const all = type === undefined ? [] : [...(sets.get(type)?.resources.values() ?? [])];
      return all.length === 0 ? [] : [[name, keyed(all.map((r) => decodeResource(type as string, r.body)))]];
    }),
  );
}

/**
 * Lists of what has a name as objects by name, with what each comes after beside them, and lists of other objects by number: a difference then says what
 * came where.
 */
function keyed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    if (value.some((item) => typeof item !== "object" || item === null || Array.isArray(item))) return value;
    const names = (value as { name?: unknown }[]).map((item) => item.name);
    const named = names.every((name) => typeof name === "string" && name !== "");
    const unique = names.map((name, i) => (named && names.indexOf(name) === i ? String(name) : `${name ?? ""}#${i}`));
    const items = Object.fromEntries(value.map((item, i) => [unique[i], keyed(item)]));
    const after = Object.fromEntries(unique.map((name, i) => [name, unique[i - 1] ?? "(first)"]));
    return named ? { after, ...items } : items;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, keyed(inner)]));
}
