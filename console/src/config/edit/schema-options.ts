import type { FieldSchema } from "../../../../src/api/contract/edit.ts";
import type { YamlPlace } from "./yaml-path.ts";

/** Something that could stand at a place. */
export interface SchemaOption {
  readonly label: string;
  /** What kind of value it takes, or what it is. */
  readonly detail: string;
  /** What is written; lines after the first are indented already. */
  readonly insert: string;
  readonly required: boolean;
}

/** The schema of the field that a path leads to; undefined where the schema knows none. */
export function fieldAt(schema: FieldSchema, path: readonly string[]): FieldSchema | undefined {
  let at: FieldSchema | undefined = schema;
  for (const name of path) {
    if (at === undefined) return undefined;
    const own: FieldSchema | undefined =
      at.properties && Object.hasOwn(at.properties, name) ? at.properties[name] : undefined;
    const extra: FieldSchema | undefined =
      typeof at.additionalProperties === "object" ? at.additionalProperties : undefined;
    at = name === "[]" ? at.items : (own ?? extra);
  }
  return at;
}

/** Keys or values that the schema allows at a place, without the keys that are there. */
export function optionsAt(schema: FieldSchema, place: YamlPlace): readonly SchemaOption[] {
  const field = fieldAt(schema, place.path);
  if (field === undefined) return [];
  if (place.of === "value" || field.type !== "object") return valuesOf(field);
  const required = new Set(field.required ?? []);
  return Object.entries(field.properties ?? {})
    .filter(([name]) => !place.beside.includes(name) && !(place.path.length === 0 && name === "status"))
    .map(([name, property]) => ({
      label: name,
      detail: wordOf(property),
      insert: name + opening(property, place.indent),
      required: required.has(name),
    }));
}

function valuesOf(field: FieldSchema): readonly SchemaOption[] {
  const values = field.enum ?? (field.type === "boolean" ? [true, false] : []);
  return values
    .filter((value) => value !== "")
    .map((value) => ({
      label: String(value),
      detail: value === field.default ? "default" : "",
      insert: String(value),
      required: false,
    }));
}

/** `object`, `list of string`, `HTTP | TLS`. */
export function wordOf(field: FieldSchema): string {
  if (field.type === "array") return field.items ? `list of ${wordOf(field.items)}` : "list";
  if (field.enum && field.enum.length <= 4) return field.enum.join(" | ");
  if (field.type === "object" && field.properties === undefined && field.additionalProperties) return "map";
  return field.type ?? "value";
}

function opening(field: FieldSchema, indent: number): string {
  const inside = `\n${" ".repeat(indent + 2)}`;
  if (field.type === "array") return `:${inside}- `;
  return field.type === "object" ? `:${inside}` : ": ";
}
