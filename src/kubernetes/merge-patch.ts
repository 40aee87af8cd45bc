import { isDeepStrictEqual } from "node:util";

/** The merge patch that makes `to` of `from` (RFC 7386); undefined where they say the same. */
export function mergePatch(from: unknown, to: unknown): unknown {
  if (isDeepStrictEqual(from, to)) return undefined;
  if (!isRecord(from) || !isRecord(to)) return to;
  const gone = Object.keys(from).filter((key) => to[key] === undefined);
  const changed = Object.entries(to).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const patch = mergePatch(from[key], value);
    return patch === undefined ? [] : [[key, patch] as const];
  });
  return { ...Object.fromEntries(gone.map((key) => [key, null])), ...Object.fromEntries(changed) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
