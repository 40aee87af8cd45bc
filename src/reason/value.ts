import { type Json, part, parts } from "./json.ts";
import { matchesText } from "./text.ts";

/** What stands at a path of a filter's metadata; undefined where there is nothing. */
export function valueAt(metadata: Readonly<Record<string, unknown>>, matcher: Json): unknown {
  const path = parts(matcher, "path").map((segment) => String(segment["key"]));
  return path.reduce<unknown>((value, key) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
  }, metadata[String(matcher["filter"])]);
}

/** Envoy's ValueMatcher. Source: envoy/type/matcher/v3/value.proto. Throws for a kind that none of ours is. */
export function matchesValue(matcher: Json, value: unknown): boolean {
  const text = part(matcher, "string_match");
  if (text !== undefined) return typeof value === "string" && matchesText(text, value);
  const either = part(matcher, "or_match");
  if (either !== undefined) return parts(either, "value_matchers").some((one) => matchesValue(one, value));
  const list = part(matcher, "list_match");
  const one = list && part(list, "one_of");
  if (one !== undefined) return Array.isArray(value) && value.some((item) => matchesValue(one, item));
  if ("bool_match" in matcher) return value === matcher["bool_match"];
  if ("present_match" in matcher) return (value !== undefined) === matcher["present_match"];
  throw new Error(`a value matcher of a kind that is not known: ${Object.keys(matcher).join(", ")}`);
}
