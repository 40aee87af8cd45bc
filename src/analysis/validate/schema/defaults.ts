import { crdOf, type Schema, schemaOf } from "../../../gen/crds.ts";
import type { Resource } from "../../../model/resource.ts";

/** An object with the defaults of its kind's schema filled in, as an API server stores it; the same object where there are none to fill in. */
export function withDefaults(resource: Resource): Resource {
  if (crdOf(resource.type) === undefined) return resource;
  const version = resource.apiVersion.slice(resource.apiVersion.lastIndexOf("/") + 1);
  const schema = schemaOf(resource.type, version)?.properties?.["spec"];
  if (schema === undefined) return resource;
  const spec = fillIn(resource.spec, schema);
  return spec === resource.spec ? resource : { ...resource, spec };
}

/** A value with its schema's defaults; the same value where nothing is missing. */
export function fillIn(value: unknown, schema: Schema): unknown {
  if (!hasDefaults(schema) || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items === undefined) return value;
    const next = value.map((v) => fillIn(v, items));
    return next.some((v, i) => v !== value[i]) ? next : value;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const added: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const before = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const isAbsent = before === undefined || (before === null && !property.nullable && property.default !== undefined);
    const after = fillIn(isAbsent ? structuredClone(property.default) : before, property);
    if (after !== before) added[name] = after;
  }
  return Object.keys(added).length === 0 ? value : { ...fields, ...added };
}

const known = new WeakMap<Schema, boolean>();

function hasDefaults(schema: Schema): boolean {
  let answer = known.get(schema);
  if (answer === undefined) {
    const parts = [...Object.values(schema.properties ?? {}), ...(schema.items ? [schema.items] : [])];
    answer = parts.some((part) => part.default !== undefined || hasDefaults(part));
    known.set(schema, answer);
  }
  return answer;
}

const zeros: Readonly<Record<string, unknown>> = { string: "", integer: 0, number: 0, boolean: false, array: [] };

/** A value with protobuf's zero for each scalar and list that the schema requires and that is missing: how Istio reads it. Missing messages stay missing. */
export function withZeros(value: unknown, schema: Schema): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((v) => withZeros(v, schema.items ?? {}));
  const extra = typeof schema.additionalProperties === "object" ? schema.additionalProperties : {};
  const own = (name: string): Schema =>
    schema.properties && Object.hasOwn(schema.properties, name) ? (schema.properties[name] ?? extra) : extra;
  const filled = Object.entries(value).map(([name, v]) => [name, withZeros(v, own(name))] as const);
  const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value, name) && own(name).type !== "object");
  return Object.fromEntries([...missing.map((name) => [name, zeros[own(name).type ?? ""]] as const), ...filled]);
}
