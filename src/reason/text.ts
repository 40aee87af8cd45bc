import { compileRe2 } from "../std/re2.ts";
import { type Json, part } from "./json.ts";

/** Envoy's StringMatcher. Source: envoy/type/matcher/v3/string.proto. Throws for a kind that none of ours is. */
export function matchesText(matcher: Json, text: string): boolean {
  const lower = matcher["ignore_case"] === true;
  const fold = (value: unknown) => (lower ? String(value).toLowerCase() : String(value));
  const here = fold(text);
  if ("exact" in matcher) return here === fold(matcher["exact"]);
  if ("prefix" in matcher) return String(matcher["prefix"]) !== "" && here.startsWith(fold(matcher["prefix"]));
  if ("suffix" in matcher) return String(matcher["suffix"]) !== "" && here.endsWith(fold(matcher["suffix"]));
  if ("contains" in matcher) return here.includes(fold(matcher["contains"]));
  const regex = part(matcher, "safe_regex")?.["regex"];
  if (typeof regex === "string") return wholly(regex, text);
  throw new Error(`a text matcher of a kind that is not known: ${Object.keys(matcher).join(", ")}`);
}

/** `\C`, any byte, is a part of UTF-8 that texts of JavaScript do not have: there it is any character. */
function wholly(regex: string, text: string): boolean {
  return compileRe2(regex.replaceAll("\\C", "[\\s\\S]")).matches(text);
}

/** In words: `"/admin" and what begins so`. */
export function textInWords(matcher: Json): string {
  if ("exact" in matcher) return JSON.stringify(matcher["exact"]);
  if ("prefix" in matcher) return `${String(matcher["prefix"])}*`;
  if ("suffix" in matcher) return `*${String(matcher["suffix"])}`;
  if ("contains" in matcher) return `*${String(matcher["contains"])}*`;
  return String(part(matcher, "safe_regex")?.["regex"] ?? "?");
}

/** A template's own text: `*` is one segment, `**` any rest. Source: Envoy's uri_template_internal.cc. */
export function matchesTemplate(template: string, path: string): boolean {
  const literal = "a-zA-Z0-9\\-._~%!$&'()+,;:@";
  const pattern = template
    .split(/(\*\*|\*)/)
    .map((piece) =>
      piece === "**"
        ? `[${literal}/]*`
        : piece === "*"
          ? `[${literal}]+`
          : piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"),
    )
    .join("");
  return compileRe2(pattern).matches(path);
}
