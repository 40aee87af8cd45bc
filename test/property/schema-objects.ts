import { judge } from "../../src/analysis/judge.ts";
import { fillIn } from "../../src/analysis/validate/schema/defaults.ts";
import { crdOf, schemaOf } from "../../src/gen/crds.ts";
import type { FieldPath } from "../../src/model/origin.ts";
import type { Resource, Type } from "../../src/model/resource.ts";
import type { Dice } from "./dice.ts";
import { valueOf } from "./schema-value.ts";
import { apps, namespaces } from "./words.ts";

let written = 0;

/** An object of a type, made of its schema and valid; undefined where this throw of the dice has made none. */
export function randomObject(dice: Dice, type: Type): Resource | undefined {
  const versions = Object.keys(crdOf(type)?.versions ?? {});
  const version = dice.one(versions);
  const schema = schemaOf(type, version)?.properties?.["spec"];
  if (schema === undefined) return undefined;
  const group = type.includes(".") ? `${type.slice(type.indexOf(".") + 1)}/` : "";
  const name = type.startsWith("Gateway.") ? "front" : dice.one([...apps, "front"]);
  const position = { file: "fuzz.yaml", line: ++written, column: 1 };
  const made: Resource = {
    type,
    apiVersion: `${group}${version}`,
    namespace: crdOf(type)?.scope === "Cluster" ? "" : dice.one(namespaces),
    name,
    labels: {},
    annotations: {},
    createdAt: dice.number(3),
    generation: 1,
    spec: valueOf(dice, schema, "spec"),
    origin: { ...position, at: `fuzz.yaml:${written}:1`, locate: () => position },
  };
  const valid = mended(made);
  // As what reads a file leaves it.
  return valid && Object.freeze({ ...valid, spec: fillIn(valid.spec ?? {}, schema) });
}

/** The object without what its validation complains of, or undefined where that leaves none. */
function mended(object: Resource): Resource | undefined {
  let spec = object.spec;
  for (let round = 0; round < 12; round++) {
    const errors = judge({ ...object, spec }).filter((d) => d.level === "Error");
    if (errors.length === 0) return { ...object, spec };
    const faults = errors.map((d) => (d.path ?? []).slice(1)).filter((path) => path.length > 0);
    if (faults.length === 0) return undefined;
    for (const path of faults.toSorted((a, b) => b.length - a.length))
      spec = dropped(spec, round < 8 ? path : path.slice(0, -1));
  }
  return undefined;
}

/** A value without what a path leads to; where that is not there, without what should hold it. */
function dropped(value: unknown, [step, ...rest]: FieldPath): unknown {
  if (step === undefined || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    if (rest.length === 0) return value.filter((_, i) => i !== step);
    return value.flatMap((each, i) =>
      i !== step ? [each] : [dropped(each, rest)].filter((left) => left !== undefined),
    );
  }
  const fields = value as Readonly<Record<string, unknown>>;
  if (!Object.hasOwn(fields, String(step))) return undefined;
  const inner = rest.length === 0 ? undefined : dropped(fields[String(step)], rest);
  const { [String(step)]: _, ...others } = fields;
  return inner === undefined ? others : { ...others, [String(step)]: inner };
}
