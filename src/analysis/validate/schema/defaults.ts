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
