import { isDeepStrictEqual } from "node:util";
import type { Json } from "./merge.ts";
import type { WantedStatus } from "./wanted.ts";

/**
 * Whether a status says something new beside words for people: a count of proxies that grows by one with each Pod that starts would otherwise be
 * written into every object of the mesh.
 */
export function isUrgent(before: WantedStatus | undefined, next: WantedStatus): boolean {
  if (before === undefined || before.generation !== next.generation) return true;
  return !isDeepStrictEqual(withoutWords(before.status), withoutWords(next.status));
}

function withoutWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutWords);
  if (typeof value !== "object" || value === null) return value;
  const rest = Object.entries(value as Json).filter(([key]) => key !== "message");
  return Object.fromEntries(rest.map(([key, child]) => [key, withoutWords(child)]));
}
