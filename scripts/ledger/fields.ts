import { readdirSync } from "node:fs";
import { join } from "node:path";
import { crdOf, crdTypes, meshConfigSchema, type Schema, schemaOf } from "../../src/gen/crds.ts";

/** A field of a schema. */
export interface Field {
  /** `spec.http[].match[].headers`, as rows of the ledger name it. */
  readonly path: string;
  readonly schema: Schema;
}

/** Kinds that have a ledger, by their types: all of Istio's and Gateway API's, those of our own, and what else has a file in `data/ledger`. */
export function ledgerTypes(): readonly string[] {
  const files = readdirSync(join(import.meta.dirname, "../../data/ledger"));
  const written = files.flatMap((file) => (file.endsWith(".yaml") ? [file.slice(0, -".yaml".length)] : []));
  const must = crdTypes().filter((type) => /\.(istio\.io|gateway\.networking\.k8s\.io|weft\.dev)$/.test(type));
  return [...new Set([...must, ...written])].sort();
}

/** Schemas of a type's spec, one a version; none for a kind that only the ledger knows. */
function specSchemas(type: string): readonly Schema[] {
  if (type === "MeshConfig") return [meshConfigSchema()];
  const versions = Object.keys(crdOf(type)?.versions ?? {});
  return versions.flatMap((version) => schemaOf(type, version)?.properties?.["spec"] ?? []);
}

/** Every field of a type, in the schema's order. `status` is not among them: no user writes it. */
export function fieldsOf(type: string): readonly Field[] {
  const all = specSchemas(type).flatMap((schema) => below(schema, "spec"));
  return [...new Map(all.map((field) => [field.path, field])).values()];
}

/** Fields below a value of a schema; `[]` and `{}` are steps into lists and maps. */
function below(schema: Schema, path: string): readonly Field[] {
  if (schema.items !== undefined) return below(schema.items, `${path}[]`);
  if (typeof schema.additionalProperties === "object") return below(schema.additionalProperties, `${path}{}`);
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const field = { path: `${path}.${name}`, schema: inner };
    return [field, ...below(inner, field.path)];
  });
}
