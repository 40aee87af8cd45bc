import type { Operation } from "../json-patch.ts";

/** Applies a JSON patch (RFC 6902) as an API server does. */
export function applyPatch(before: unknown, patch: readonly Operation[]): unknown {
  const whole = { "": structuredClone(before) } as Record<string, unknown>;
  for (const operation of patch) {
    const keys = operation.path.split("/").map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = keys.pop() as string;
    let at = whole as Record<string, unknown>;
    for (const key of keys) at = at[key] as Record<string, unknown>;
    const target = keys.length === 0 ? whole : at;
    if (Array.isArray(target)) {
      const i = last === "-" ? target.length : Number(last);
      if (i > target.length || (operation.op !== "add" && i >= target.length)) throw new Error(`no item ${operation.path}`);
      target.splice(i, operation.op === "add" ? 0 : 1, ...(operation.op === "remove" ? [] : [operation.value]));
    } else if (operation.op === "remove") {
      if (!(last in target)) throw new Error(`no field ${operation.path}`);
      delete target[last];
    } else target[last] = operation.value;
  }
  return whole[""];
}
