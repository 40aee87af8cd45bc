import type { Schema } from "../../src/gen/crds.ts";
import type { Dice } from "./dice.ts";
import { choiceAt, durationOf, keyOf, labelsOf, numberOf, standing, textOf } from "./words.ts";

type Fields = { [name: string]: unknown };

/** A random value that a schema allows, but for some of its rules between fields. `path` is the ledger's. */
export function valueOf(dice: Dice, schema: Schema, path: string): unknown {
  if (schema.enum !== undefined) return dice.one(schema.enum);
  if (schema["x-kubernetes-int-or-string"]) return numberOf(dice, path) ?? textOf(dice, path);
  switch (schema.type) {
    case "array":
      return listOf(dice, schema, path);
    case "string":
      return isDuration(schema) ? durationOf(dice) : textOf(dice, path);
    case "boolean":
      return dice.number(2) === 0;
    case "integer":
    case "number":
      return numberIn(dice, schema, path);
    default:
      return objectOf(dice, schema, path);
  }
}

function isDuration(schema: Schema): boolean {
  const rules = schema["x-kubernetes-validations"] ?? [];
  return rules.some(({ rule }) => rule.startsWith("duration(self)")) || (schema.pattern ?? "").includes("(h|m|s|ms)");
}

function numberIn(dice: Dice, schema: Schema, path: string): number {
  const { minimum = 0, maximum = 1000 } = schema;
  return (
    numberOf(dice, path) ?? dice.one([minimum, minimum + 1, Math.min(maximum, minimum + 7), Math.min(maximum, 100)])
  );
}

function listOf(dice: Dice, schema: Schema, path: string): readonly unknown[] {
  const { items = {}, minItems = 0, maxItems = 3 } = schema;
  const count = Math.min(maxItems, Math.max(minItems, dice.one([0, 1, 1, 1, 2, 2, 3])));
  // A list of texts is named as the field; what stands in a list of objects, by `[]`.
  const at = items.type === "object" || items.properties !== undefined ? `${path}[]` : path;
  const all = Array.from({ length: count }, () => valueOf(dice, items, at));
  return schema["x-kubernetes-list-type"] === "set" ? [...new Set(all)] : all;
}

function objectOf(dice: Dice, schema: Schema, path: string): Fields {
  if (typeof schema.additionalProperties === "object") return mapOf(dice, schema.additionalProperties, path);
  const properties = schema.properties ?? {};
  const required = new Set(schema.required);
  const choice = choiceAt(path).filter((name) => name in properties);
  const chosen = choice.length === 0 ? undefined : dice.one(choice);
  const groups = chosen === undefined ? junctions(schema) : [];
  const excluded = new Set([
    ...groups.flatMap((names) => allBut(dice, names)),
    ...choice.filter((name) => name !== chosen),
  ]);
  const union = unionOf(dice, properties);
  const oneIn = dice.one([2, 3, 5]);
  const fields: Fields = {};
  for (const [name, property] of Object.entries(properties)) {
    const must = name === chosen || required.has(name) ? true : standing(`${path}.${name}`);
    const wanted = union?.get(name) ?? must ?? dice.number(oneIn) === 0;
    if (!wanted || excluded.has(name)) continue;
    fields[name] =
      name === "type" && union !== undefined ? union.get("type!") : valueOf(dice, property, `${path}.${name}`);
  }
  return fields;
}

function mapOf(dice: Dice, schema: Schema, path: string): Fields {
  if (/([lL]abels)$/.test(path)) return labelsOf(dice);
  const count = dice.one([1, 1, 2]);
  return Object.fromEntries(
    Array.from({ length: count }, () => [keyOf(dice, path), valueOf(dice, schema, `${path}{}`)] as const),
  );
}

/** Groups of fields of which at most one may stand. */
function junctions(schema: Schema): readonly (readonly string[])[] {
  const of = (one: Schema) => one.oneOf?.flatMap((choice) => choice.required ?? []) ?? [];
  const all = [schema, ...(schema.allOf ?? [])].map(of).filter((names) => names.length > 0);
  const counted = (schema["x-kubernetes-validations"] ?? []).flatMap(({ rule }) =>
    rule.endsWith("<= 1") && rule.startsWith("(has(self")
      ? [[...rule.matchAll(/has\(self\.(\w+)\) \? 1/g)].map((m) => m[1] as string)]
      : [],
  );
  return [...all, ...counted];
}

function allBut(dice: Dice, names: readonly string[]): readonly string[] {
  const chosen = dice.one(names);
  return names.filter((name) => name !== chosen);
}

/** Gateway API's unions: `type: RequestMirror` goes with the field `requestMirror`, and no other of them. The key `type!` has the type's value. */
function unionOf(dice: Dice, properties: Readonly<Record<string, Schema>>): ReadonlyMap<string, unknown> | undefined {
  const names = (properties["type"]?.enum ?? []).filter((name) => typeof name === "string");
  const fieldOf = (type: string) =>
    type === "CORS" ? "cors" : type === "URLRewrite" ? "urlRewrite" : type[0]?.toLowerCase() + type.slice(1);
  const fields = names.map(fieldOf).filter((name) => name in properties);
  if (fields.length === 0) return undefined;
  const type = dice.one(names);
  return new Map<string, unknown>([
    ...fields.map((name) => [name, name === fieldOf(type)] as const),
    ["type", true],
    ["type!", type],
  ]);
}
