import type { Resource } from "../../src/model/resource.ts";

/** Fields that occur in objects, as rows of the ledger name them; maps are told from objects by the paths that are known. */
export function occurring(objects: readonly Resource[], known: ReadonlySet<string>): readonly string[] {
  const seen = new Set<string>();
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) {
      for (const each of value) visit(each, `${path}[]`);
      return;
    }
    for (const [key, inner] of Object.entries(value)) {
      const field = `${path}.${key}`;
      if (known.has(field)) seen.add(field);
      visit(inner, known.has(field) ? field : `${path}{}`);
    }
  };
  for (const { spec, labels, annotations } of objects) {
    visit(spec, "spec");
    for (const key of Object.keys(labels)) visit({ [key]: "" }, "metadata.labels");
    for (const key of Object.keys(annotations)) visit({ [key]: "" }, "metadata.annotations");
  }
  return [...seen];
}

/** An object without a field, at each place where it occurs; the object itself where it does not. */
export function without(object: Resource, path: string): Resource {
  const metadata = /^metadata\.(labels|annotations)\.(.+)$/.exec(path);
  if (metadata !== null) {
    const [, part, key] = metadata as unknown as [string, "labels" | "annotations", string];
    const { [key]: gone, ...rest } = object[part];
    return gone === undefined ? object : Object.freeze({ ...object, [part]: rest });
  }
  const steps = path.split(".").flatMap((step) => step.split(/(?=\[\]|\{\})/));
  const spec = taken(object.spec, steps.slice(1));
  return spec === object.spec ? object : Object.freeze({ ...object, spec });
}

function taken(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (typeof value !== "object" || value === null || step === undefined) return value;
  if (step === "[]")
    return Array.isArray(value)
      ? changed(
          value,
          value.map((each) => taken(each, rest)),
        )
      : value;
  const entries = Object.entries(value);
  if (step === "{}") {
    const after = entries.map(([key, each]) => [key, taken(each, rest)] as const);
    return after.every(([, each], i) => each === entries[i]?.[1]) ? value : Object.fromEntries(after);
  }
  if (!Object.hasOwn(value, step)) return value;
  if (rest.length === 0) return Object.fromEntries(entries.filter(([key]) => key !== step));
  const after = entries.map(([key, each]) => [key, key === step ? taken(each, rest) : each] as const);
  return after.every(([, each], i) => each === entries[i]?.[1]) ? value : Object.fromEntries(after);
}

function changed(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  return after.every((each, i) => each === before[i]) ? before : after;
}
