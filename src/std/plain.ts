/** Freezes a value and all that it holds. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const child of Object.values(value)) deepFreeze(child);
  return value;
}

/** A value without the fields that are null; the same value where there are none. An API server takes null for absent. */
export function withoutNulls<T>(value: T): T {
  if (!holdsNull(value) || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutNulls) as T;
  const kept = Object.entries(value).filter(([, child]) => child !== null);
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutNulls(child)])) as T;
}

/** Whether some field in it is null. An item of a list does not count: to leave it out would move the others. */
function holdsNull(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsNull);
  for (const key in value) {
    const child = (value as Record<string, unknown>)[key];
    if (child === null || holdsNull(child)) return true;
  }
  return false;
}

/** How to write a number or a boolean that should be a text. */
export function inQuotes(value: unknown): string {
  if (typeof value === "boolean") return "put it in quotes: YAML takes y, n, yes, no, on and off for true and false";
  return `write it in quotes: "${value}"`;
}
