/** Freezes a value and all that it holds. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const child of Object.values(value)) deepFreeze(child);
  return value;
}

/** A value without the fields that are null; the same value where there are none. An API server takes null for absent. */
export function withoutNulls<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const next = value.map(withoutNulls);
    return next.some((v, i) => v !== value[i]) ? (next as T) : value;
  }
  let changed = false;
  const next: [string, unknown][] = [];
  for (const [key, child] of Object.entries(value)) {
    if (child === null) {
      changed = true;
      continue;
    }
    const kept: unknown = withoutNulls(child);
    if (kept !== child) changed = true;
    next.push([key, kept]);
  }
  return changed ? (Object.fromEntries(next) as T) : value;
}
