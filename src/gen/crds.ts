import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dataFolder } from "./data-folder.ts";

/** An OpenAPI v3 structural schema, as custom resource definitions have it (descriptions left out). */
export interface Schema {
  readonly type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly nullable?: boolean;
  readonly default?: unknown;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly not?: Schema;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-validations"?: readonly { readonly rule: string; readonly message: string }[];
}

/** What is known of a custom resource's kind. */
export interface Crd {
  readonly plural: string;
  readonly scope: "Namespaced" | "Cluster";
  /** Served version to the version whose schema it uses, newest first. */
  readonly versions: Readonly<Record<string, string>>;
}

let index: Readonly<Record<string, Crd>> | undefined;
const schemas = new Map<string, Readonly<Record<string, Schema>>>();

/** All custom types with a schema. */
export function crdTypes(): readonly string[] {
  return Object.keys(all());
}

/** A custom type by its name (`VirtualService.networking.istio.io`), or undefined for one without a schema. */
export function crdOf(type: string): Crd | undefined {
  return Object.hasOwn(all(), type) ? all()[type] : undefined;
}

/** The schema of a whole object of a type in a version, or undefined. Read from `data/crds` when it is first asked for. */
export function schemaOf(type: string, version: string): Schema | undefined {
  const crd = crdOf(type);
  const stored = crd && Object.hasOwn(crd.versions, version) ? crd.versions[version] : undefined;
  if (stored === undefined) return undefined;
  let byVersion = schemas.get(type);
  if (byVersion === undefined) {
    byVersion = JSON.parse(readFileSync(join(folder(), `${type}.json`), "utf8")) as Readonly<Record<string, Schema>>;
    schemas.set(type, byVersion);
  }
  return byVersion[stored];
}

let meshConfig: Schema | undefined;

/** The schema of Istio's MeshConfig, which is a file and no object of a cluster. */
export function meshConfigSchema(): Schema {
  if (meshConfig === undefined) {
    const whole = JSON.parse(readFileSync(join(folder(), "MeshConfig.json"), "utf8")) as Schema;
    meshConfig = whole.properties?.["spec"] ?? {};
  }
  return meshConfig;
}

function all(): Readonly<Record<string, Crd>> {
  index ??= JSON.parse(readFileSync(join(folder(), "index.json"), "utf8")) as Readonly<Record<string, Crd>>;
  return index;
}

let found: string | undefined;

function folder(): string {
  found ??= dataFolder("crds");
  return found;
}
