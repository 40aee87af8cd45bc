import { create } from "@bufbuild/protobuf";
import { type RegexMatcher, RegexMatcherSchema } from "../../gen/envoy/type/matcher/v3/regex_pb.js";
import { type StringMatcher, StringMatcherSchema } from "../../gen/envoy/type/matcher/v3/string_pb.js";
import type { TextMatch } from "../../plan/route/text-match.ts";

/** A text as Envoy compares it. Where Envoy has no word for "present" it is any text. */
export function stringMatcher(match: TextMatch): StringMatcher {
  if (match.kind === "present") return create(StringMatcherSchema, { matchPattern: regexPattern(".*") });
  if (match.kind === "regex") return create(StringMatcherSchema, { matchPattern: regexPattern(match.value) });
  return create(StringMatcherSchema, { matchPattern: { case: match.kind, value: match.value } });
}

/** An RE2 expression. */
export function regex(pattern: string): RegexMatcher {
  return create(RegexMatcherSchema, { regex: pattern });
}

function regexPattern(pattern: string) {
  return { case: "safeRegex" as const, value: regex(pattern) };
}
