import { closest } from "../std/closest.ts";
import { isObject } from "./values.ts";

/** The part of JSON Schema (draft 7) that values.schema.json uses; `description` is for people. */
export interface ValuesSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, ValuesSchema>>;
  readonly additionalProperties?: boolean | ValuesSchema;
  readonly required?: readonly string[];
  readonly items?: ValuesSchema;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A value that the schema refuses. */
export interface ValueFault {
  readonly path: readonly (string | number)[];
  /** `"tree" is no integer`, `is no value; did you mean replicas?`. */
  readonly what: string;
}

type Path = ValueFault["path"];

/** What of some values the schema refuses. Null takes a value away and is always allowed. */
export function judgeValues(schema: ValuesSchema, value: unknown, path: Path = []): readonly ValueFault[] {
  if (value === null || value === undefined) return [];
  const own = faultOf(schema, value);
  if (own !== undefined) return [{ path, what: own }];
  if (Array.isArray(value)) return value.flatMap((item, i) => judgeValues(schema.items ?? {}, item, [...path, i]));
  return isObject(value) ? judgeFields(schema, value, path) : [];
}

function judgeFields(schema: ValuesSchema, value: Record<string, unknown>, path: Path): readonly ValueFault[] {
  const { properties = {}, additionalProperties = true, required = [] } = schema;
  const missing = required
    .filter((name) => !Object.hasOwn(value, name))
    .map((name) => ({ path, what: `${name} is missing` }));
  const fields = Object.entries(value).flatMap(([name, field]) => {
    const inside = [...path, name];
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (known !== undefined) return judgeValues(known, field, inside);
    if (typeof additionalProperties === "object") return judgeValues(additionalProperties, field, inside);
    if (additionalProperties) return [];
    const near = closest(name, Object.keys(properties));
    return [{ path: inside, what: `is no value${near === undefined ? "" : `; did you mean ${near}?`}` }];
  });
  return [...missing, ...fields];
}

/** Why a value itself is refused. */
function faultOf(schema: ValuesSchema, value: unknown): string | undefined {
  const shown = JSON.stringify(value);
  const kinds = schema.type === undefined ? [] : [schema.type].flat();
  if (kinds.length > 0 && !kinds.some((kind) => isKind(value, kind))) return `${shown} is no ${kinds.join(" or ")}`;
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    const words = schema.enum.map((one) => (one === "" ? '""' : String(one)));
    return `${shown} is not one of ${words.join(", ")}`;
  }
  if (typeof value === "number") {
    if (value < (schema.minimum ?? -Infinity)) return `${shown} is less than ${schema.minimum}`;
    if (value > (schema.maximum ?? Infinity)) return `${shown} is more than ${schema.maximum}`;
  }
  return typeof value === "string" ? faultOfText(schema, value) : undefined;
}

/** The pattern is the chart's own, and length is limited before it is asked. */
function faultOfText(
  { minLength = 0, maxLength = Infinity, pattern }: ValuesSchema,
  value: string,
): string | undefined {
  if (value.length < minLength) return "is empty";
  if (value.length > maxLength) return `${JSON.stringify(value)} has more than ${maxLength} characters`;
  if (pattern === undefined || new RegExp(pattern).test(value)) return undefined;
  return `${JSON.stringify(value)} is no name: small letters, digits and dashes`;
}

function isKind(value: unknown, kind: string): boolean {
  if (kind === "integer") return Number.isInteger(value);
  if (kind === "array") return Array.isArray(value);
  return kind === "object" ? isObject(value) : typeof value === kind;
}
