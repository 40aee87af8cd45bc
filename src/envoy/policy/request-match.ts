import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { ExtensionWithMatcherSchema } from "../../gen/envoy/extensions/common/matching/v3/extension_matcher_pb.js";
import { SkipFilterSchema } from "../../gen/envoy/extensions/filters/common/matcher/action/v3/skip_action_pb.js";
import { HttpRequestHeaderMatchInputSchema } from "../../gen/envoy/type/matcher/v3/http_inputs_pb.js";
import { type StringMatcher, StringMatcherSchema } from "../../gen/envoy/type/matcher/v3/string_pb.js";
import type { Matcher_MatcherList_PredicateSchema } from "../../gen/xds/type/matcher/v3/matcher_pb.js";
import { packed } from "../any.ts";
import type { NamedFilter } from "../filter-chain.ts";

/** One of the hosts, whatever port the request names beside it, in capitals or not. `*` stands for any text. */
export function hostPattern(hosts: readonly string[]): string {
  return `(?i:${hosts.map((host) => globbed(host)).join("|")})(?::[0-9]+)?`;
}

/** One of the paths, whatever query comes after it. */
export function pathPattern(paths: readonly string[]): string {
  return `(?:${paths.map((path) => globbed(path, "[^?]*")).join("|")})(?:\\?.*)?`;
}

/** One of the texts. */
export function textPattern(values: readonly string[]): string {
  return values.map((value) => globbed(value)).join("|");
}

/** `any` is what `*` may stand for. */
function globbed(value: string, any = ".*"): string {
  return value.split("*").map(escaped).join(any);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** A whole text that fits an expression. */
export function matching(regex: string): StringMatcher {
  return create(StringMatcherSchema, { matchPattern: { case: "safeRegex", value: { regex } } });
}

/** Header → expression for its whole value; all must fit. */
type HeaderPatterns = Readonly<Record<string, string>>;

/** A filter that is passed over for requests that fit one of `except`; without any the filter itself. */
export function unlessRequest(except: readonly HeaderPatterns[], name: string, filter: Any): Any {
  if (except.length === 0) return filter;
  const skip = { name: "skip", typedConfig: packed(SkipFilterSchema, {}) };
  const onMatch = { onMatch: { case: "action" as const, value: skip } };
  return packed(ExtensionWithMatcherSchema, {
    extensionConfig: { name, typedConfig: filter },
    xdsMatcher: {
      matcherType: {
        case: "matcherList",
        value: { matchers: except.map((patterns) => ({ predicate: all(patterns), onMatch })) },
      },
    },
  });
}

/** Any text, none too. */
export const anyText = "(?s:.*)";

/** A filter that does something to requests whose headers (each is there, and fits its expression) fit. */
export function onRequest(
  patterns: readonly (readonly [header: string, regex: string])[],
  filter: NamedFilter,
  action: NamedFilter,
): Any {
  const onMatch = { case: "action" as const, value: { name: action.name, typedConfig: action.config } };
  const matchers = [{ predicate: allOf(patterns), onMatch: { onMatch } }];
  return packed(ExtensionWithMatcherSchema, {
    extensionConfig: { name: filter.name, typedConfig: filter.config },
    xdsMatcher: { matcherType: { case: "matcherList", value: { matchers } } },
  });
}

function all(patterns: HeaderPatterns): MessageInitShape<typeof Matcher_MatcherList_PredicateSchema> {
  return allOf(Object.entries(patterns));
}

function allOf(
  patterns: readonly (readonly [string, string])[],
): MessageInitShape<typeof Matcher_MatcherList_PredicateSchema> {
  const [only, ...others] = patterns.map(([name, regex]) => single(name, regex));
  if (only !== undefined && others.length === 0) return only;
  return { matchType: { case: "andMatcher", value: { predicate: only === undefined ? [] : [only, ...others] } } };
}

function single(name: string, regex: string): MessageInitShape<typeof Matcher_MatcherList_PredicateSchema> {
  const input = { name, typedConfig: packed(HttpRequestHeaderMatchInputSchema, { headerName: name }) };
  const expression = { engineType: { case: "googleRe2" as const, value: {} }, regex };
  const fits = { matchPattern: { case: "safeRegex" as const, value: expression } };
  return {
    matchType: {
      case: "singlePredicate",
      value: { input, matcher: { case: "valueMatch", value: fits } },
    },
  };
}
