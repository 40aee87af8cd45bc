import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { ConfigSchema } from "../../gen/envoy/extensions/filters/http/header_to_metadata/v3/header_to_metadata_pb.js";
import type { MetadataMatcher } from "../../gen/envoy/type/matcher/v3/metadata_pb.js";
import { MetadataMatcherSchema } from "../../gen/envoy/type/matcher/v3/metadata_pb.js";
import { packed } from "../any.ts";
import { escaped, regex } from "./text-pattern.ts";

/**
 * Envoy's RBAC looks at each value of a header that came several times, and is content with one. Where all must match, the values are looked at
 * together, as the metadata that this filter leaves: joined by commas. No value begins with a blank, so that a comma before one is a part of a
 * value; any other comma may be a join.
 */
const namespace = "weft.headers";

/** Writes down all values of some headers, by their names in lower case. */
export function joinedHeaders(names: readonly string[]): Any {
  return packed(ConfigSchema, {
    requestRules: names.map((header) => ({ header, onHeaderPresent: { metadataNamespace: namespace, key: header } })),
  });
}

/** Each value of a header matches one of the patterns. It needs `joinedHeaders` before it. */
export function eachValue(header: string, values: readonly string[]): MetadataMatcher {
  const one = `(?:${values.map(valueText).join("|")})`;
  return create(MetadataMatcherSchema, {
    filter: namespace,
    path: [{ segment: { case: "key", value: header } }],
    value: { matchPattern: { case: "stringMatch", value: regex(`${one}(?:,${one})*`) } },
  });
}

/** Any text of one value. */
const within = "(?:[^,]|,[ \\t])";

function valueText(value: string): string {
  if (value === "*") return `${within}+`;
  if (value.startsWith("*")) return `${within}*${escaped(value.slice(1))}`;
  return value.endsWith("*") ? `${escaped(value.slice(0, -1))}${within}*` : escaped(value);
}
