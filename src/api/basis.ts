import type { Resource } from "../model/resource.ts";
import { hash } from "../std/hash.ts";

/**
 * What an object says, as a short hash: who changes it names what they saw, and hears of it where somebody else changed it since. Its status does not
 * count, nor the version that an API server gives it: both move while nobody changes anything.
 */
export function basisOf({
  labels,
  annotations,
  spec,
  data,
}: Pick<Resource, "labels" | "annotations" | "spec" | "data">): string {
  return hash(JSON.stringify(inOrder([labels, annotations, spec ?? {}, data ?? {}])));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== null && child !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, child]) => [key, inOrder(child)]),
  );
}
