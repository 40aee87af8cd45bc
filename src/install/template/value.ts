/** Go's truth: what is not the empty value of its type. */
export function isTrue(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "" || value === 0) return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === "object" ? Object.keys(value).length > 0 : true;
}

/** Helm's `default` and `empty` see the same. */
export function isEmpty(value: unknown): boolean {
  return !isTrue(value);
}

/** A value as an action prints it. Throws RangeError for what Go prints otherwise than YAML wants it. */
export function printed(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "object") throw new RangeError("objects and lists are printed by toYaml or toJson");
  return String(value);
}
