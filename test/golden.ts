import { deepStrictEqual } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import type { JsonValue } from "@bufbuild/protobuf";

/** What `after` has other than `before`: objects down to what differs, `null` for what is gone; arrays whole. Undefined where nothing differs. */
export function difference(before: JsonValue | undefined, after: JsonValue): JsonValue | undefined {
  if (!isObject(before) || !isObject(after))
    return JSON.stringify(before) === JSON.stringify(after) ? undefined : after;
  const changed = Object.entries(after).flatMap(([key, value]) => {
    const found = key in before ? difference(before[key], value) : value;
    return found === undefined ? [] : [[key, found] as const];
  });
  const gone = Object.keys(before).flatMap((key) => (key in after ? [] : [[key, null] as const]));
  return changed.length + gone.length === 0 ? undefined : Object.fromEntries([...changed, ...gone]);
}

function isObject(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Against the golden file; with UPDATE_GOLDEN=1 it is written instead. */
export function compareGolden(file: string, actual: JsonValue): void {
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, `${JSON.stringify(actual, null, 1)}\n`);
  deepStrictEqual(actual, JSON.parse(readFileSync(file, "utf8")));
}
