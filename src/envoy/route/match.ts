import { create } from "@bufbuild/protobuf";
import {
  type HeaderMatcher,
  HeaderMatcherSchema,
  type RouteMatch as Message,
  QueryParameterMatcherSchema,
  RouteMatchSchema,
} from "../../gen/envoy/config/route/v3/route_components_pb.js";
import { type MetadataMatcher, MetadataMatcherSchema } from "../../gen/envoy/type/matcher/v3/metadata_pb.js";
import { ListMatcherSchema, OrMatcherSchema, ValueMatcherSchema } from "../../gen/envoy/type/matcher/v3/value_pb.js";
import type { ClaimMatch, HeaderMatch, PathMatch, RouteMatch } from "../../plan/route/match.ts";
import { millionths } from "./percent.ts";
import { regex, stringMatcher } from "./text-match.ts";

/** What a request must look like. */
export function routeMatch(match: RouteMatch): Message {
  return create(RouteMatchSchema, {
    pathSpecifier: pathSpecifier(match.path),
    ...(match.ignoreCase ? { caseSensitive: false } : {}),
    headers: match.headers.map(headerMatcher),
    queryParameters: match.queryParams.map(({ name, match: text }) =>
      create(QueryParameterMatcherSchema, {
        name,
        queryParameterMatchSpecifier:
          text.kind === "present"
            ? { case: "presentMatch", value: true }
            : { case: "stringMatch", value: stringMatcher(text) },
      }),
    ),
    dynamicMetadata: match.claims.map(claimMatcher),
    ...(match.share === undefined ? {} : { runtimeFraction: { defaultValue: millionths(match.share) } }),
  });
}

function pathSpecifier({ kind, value }: PathMatch): Message["pathSpecifier"] {
  if (kind === "exact") return { case: "path", value };
  if (kind === "segments") return { case: "pathSeparatedPrefix", value };
  if (kind === "regex") return { case: "safeRegex", value: regex(value) };
  return { case: "prefix", value };
}

function headerMatcher({ name, match, not }: HeaderMatch): HeaderMatcher {
  if (match.kind === "present")
    return create(HeaderMatcherSchema, {
      name,
      headerMatchSpecifier: { case: "presentMatch", value: true },
      invertMatch: not,
    });
  return create(HeaderMatcherSchema, {
    name,
    headerMatchSpecifier: { case: "stringMatch", value: stringMatcher(match) },
    invertMatch: not,
    // Else an inverted match would not hold for a header that is not there.
    treatMissingHeaderAsEmpty: not,
  });
}

/** A claim is a text or a list of texts. */
function claimMatcher({ path, match, not }: ClaimMatch): MetadataMatcher {
  const text = create(ValueMatcherSchema, {
    matchPattern:
      match.kind === "present"
        ? { case: "presentMatch", value: true }
        : { case: "stringMatch", value: stringMatcher(match) },
  });
  const oneOf = create(ListMatcherSchema, { matchPattern: { case: "oneOf", value: text } });
  const list = create(ValueMatcherSchema, { matchPattern: { case: "listMatch", value: oneOf } });
  const either = create(OrMatcherSchema, { valueMatchers: [text, list] });
  return create(MetadataMatcherSchema, {
    filter: "envoy.filters.http.jwt_authn",
    path: ["payload", ...path].map((key) => ({ segment: { case: "key" as const, value: key } })),
    value: create(ValueMatcherSchema, { matchPattern: { case: "orMatch", value: either } }),
    invert: not,
  });
}
