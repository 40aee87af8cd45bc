import type { Schema } from "../../../gen/crds.ts";
import { isIP } from "../../../std/ip.ts";
import { patternOf } from "./pattern.ts";

/** What is wrong with a value, after `... in body`, and how to mend it. */
export interface ValueFault {
  readonly message: string;
  readonly fix?: string;
}

/** A value for a message: short, as JSON. */
export function shown(value: unknown): string {
  const text =
    value === null
      ? '"null"'
      : Array.isArray(value)
        ? '"array"'
        : typeof value === "object"
          ? '"object"'
          : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}..."` : text;
}

/** The API server's name of a value's type. */
export function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

/** Whether a value has the type that its schema names. */
export function isOfType(value: unknown, schema: Schema): boolean {
  const type = typeName(value);
  if (schema["x-kubernetes-int-or-string"]) return type === "integer" || type === "string";
  if (schema.type === undefined) return true;
  return type === schema.type || (schema.type === "number" && type === "integer");
}

/** Lengths, ranges and patterns. */
export function boundFault(value: unknown, s: Schema): ValueFault | undefined {
  if (typeof value === "string") return textFault(value, s);
  if (typeof value === "number") {
    if (s.minimum !== undefined && value < s.minimum)
      return { message: `should be greater than or equal to ${s.minimum}` };
    if (s.maximum !== undefined && value > s.maximum)
      return { message: `should be less than or equal to ${s.maximum}` };
    return undefined;
  }
  if (Array.isArray(value)) {
    if (s.minItems !== undefined && value.length < s.minItems)
      return { message: `should have at least ${s.minItems} items` };
    if (s.maxItems !== undefined && value.length > s.maxItems)
      return { message: `should have at most ${s.maxItems} items` };
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const size = Object.keys(value).length;
  if (s.minProperties !== undefined && size < s.minProperties)
    return { message: `should have at least ${s.minProperties} properties` };
  if (s.maxProperties !== undefined && size > s.maxProperties)
    return { message: `should have at most ${s.maxProperties} properties` };
  return undefined;
}

function textFault(value: string, s: Schema): ValueFault | undefined {
  const length = [...value].length;
  if (s.minLength !== undefined && length < s.minLength)
    return { message: `should be at least ${s.minLength} chars long` };
  if (s.maxLength !== undefined && length > s.maxLength)
    return { message: `should be at most ${s.maxLength} chars long` };
  // The pattern is the definition's, not the user's.
  if (s.pattern !== undefined && !patternOf(s.pattern)(value)) return { message: `should match '${s.pattern}'` };
  return undefined;
}

/** Formats that the API server checks and that occur in the vendored definitions. */
export function formatFault(value: unknown, { format }: Schema): ValueFault | undefined {
  if (typeof value === "number") {
    if (format === "int32" && (value < -(2 ** 31) || value >= 2 ** 31))
      return { message: "must be of type int32", fix: "write a smaller number" };
    return undefined;
  }
  if (typeof value !== "string") return undefined;
  if (format === "date-time" && Number.isNaN(Date.parse(value))) {
    return { message: "must be of type date-time", fix: 'write for example "2026-01-31T12:00:00Z"' };
  }
  if (format === "byte" && !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(value))
    return { message: "must be of type byte", fix: "write it in base64" };
  if ((format === "ipv4" && isIP(value) !== 4) || (format === "ipv6" && isIP(value) !== 6))
    return { message: `must be of type ${format}` };
  return undefined;
}

/** oneOf, anyOf, allOf, not: in a structural schema they only judge a value, they do not describe it. */
export function junctionFault(value: unknown, s: Schema): ValueFault | undefined {
  if (s.not !== undefined && judged(value, s.not)) return { message: "must not validate the schema (not)" };
  for (const part of s.allOf ?? [])
    if (!judged(value, part)) return { message: "must validate all the schemas (allOf)" };
  if (s.anyOf !== undefined && !s.anyOf.some((part) => judged(value, part))) {
    return { message: "must validate at least one schema (anyOf)", ...choose(s.anyOf, "at least") };
  }
  if (s.oneOf !== undefined && s.oneOf.filter((part) => judged(value, part)).length !== 1) {
    return { message: "must validate one and only one schema (oneOf)", ...choose(s.oneOf, "only") };
  }
  return undefined;
}

function choose(parts: readonly Schema[], how: string): { fix?: string } {
  const fields = [...new Set(parts.flatMap((p) => p.required ?? []))];
  return fields.length > 0 ? { fix: `write ${how} one of ${fields.join(", ")}` } : {};
}

function judged(value: unknown, s: Schema): boolean {
  if (s.type !== undefined && !isOfType(value, s)) return false;
  if (s.enum !== undefined && !s.enum.includes(value)) return false;
  if (boundFault(value, s) || formatFault(value, s) || junctionFault(value, s)) return false;
  if (Array.isArray(value)) return s.items === undefined || value.every((v) => judged(v, s.items as Schema));
  if (typeof value !== "object" || value === null) return true;
  const fields = value as Readonly<Record<string, unknown>>;
  if (s.required?.some((name) => !Object.hasOwn(fields, name))) return false;
  return Object.entries(s.properties ?? {}).every(
    ([name, part]) => !Object.hasOwn(fields, name) || judged(fields[name], part),
  );
}
