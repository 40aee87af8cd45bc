import { create } from "@bufbuild/protobuf";
import { type StringMatcher, StringMatcherSchema } from "../../gen/envoy/type/matcher/v3/string_pb.js";

// The one place where what users write becomes a matcher: what is no `*` at an end stands for itself.

/** A text that must be there, whatever its bytes. */
const anything = "\\C+";

/** Text patterns of policies: `*` is any text that is there, `a*` a prefix, `*a` a suffix. `lead` stands before what is written. */
export function pattern(value: string, lead = "", ignoreCase = false): StringMatcher {
  if (value === "*") return regex(anything);
  if (value.startsWith("*")) {
    return lead === ""
      ? create(StringMatcherSchema, { matchPattern: { case: "suffix", value: value.slice(1) }, ignoreCase })
      : regex(`${escaped(lead)}.*${escaped(value.slice(1))}`);
  }
  if (value.endsWith("*"))
    return create(StringMatcherSchema, {
      matchPattern: { case: "prefix", value: lead + value.slice(0, -1) },
      ignoreCase,
    });
  return create(StringMatcherSchema, { matchPattern: { case: "exact", value: lead + value }, ignoreCase });
}

/**
 * A host of a policy: its case does not count, nor does a dot at the name's end, and without a port it is meant at every port.
 * `example.com`, `*.example.com`, `example.*`, `example.com:8080`, `example.com:*`.
 */
export function hostPattern(value: string): StringMatcher {
  const [, name = "", port] = /^(.*?)(:\d*\*?)?$/s.exec(value) as unknown as [string, string, string | undefined];
  if (port === undefined && name.length > 1 && name.endsWith("*")) return regex(`${hostText(name.slice(0, -1))}\\C*`);
  const open = name.startsWith("*");
  const host = `${open ? "\\C*" : ""}${hostText((open ? name.slice(1) : name).replace(/\.$/, ""))}`;
  return regex(`${host}\\.?${port === undefined ? "(?::[0-9]*)?" : portText(port)}`);
}

function portText(port: string): string {
  return port.endsWith("*") ? `${port.slice(0, -1)}[0-9]*` : port;
}

/** Letters of ASCII in either case, as names of DNS are compared. */
function hostText(text: string): string {
  return escaped(text).replace(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`);
}

/**
 * `/a/{*}/b`, `/a/{**}`: `{*}` is one part of a path, `{**}` all the rest. Envoy's own templates know only letters that a path should be written with,
 * and a denial must hold for others, too.
 */
export function template(value: string): StringMatcher {
  const parts = value.split(/(\{\*\*?\})/);
  return regex(parts.map((part) => (part === "{*}" ? "[^/]+" : part === "{**}" ? "\\C*" : escaped(part))).join(""));
}

export function regex(text: string): StringMatcher {
  return create(StringMatcherSchema, { matchPattern: { case: "safeRegex", value: { regex: text } } });
}

/** A part of a path-like name as an expression; each `*` in it is any text within that part. */
export function globbed(value: string): string {
  return value.split("*").map(escaped).join("[^/]*");
}

export function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
