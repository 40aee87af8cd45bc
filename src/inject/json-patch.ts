/** One operation of a JSON patch (RFC 6902). */
export type Operation =
  | { readonly op: "add" | "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

/** What makes `after` of `before`; empty where they are the same. Lists that only got longer get their new items alone. */
export function jsonPatch(before: unknown, after: unknown, path = ""): Operation[] {
  if (same(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) return lists(before, after, path);
  if (!isObject(before) || !isObject(after)) return [{ op: "replace", path, value: after }];
  const removed = Object.keys(before).filter((key) => after[key] === undefined);
  return [
    ...removed.map((key): Operation => ({ op: "remove", path: `${path}/${escaped(key)}` })),
    ...Object.entries(after).flatMap(([key, value]): Operation[] => {
      const at = `${path}/${escaped(key)}`;
      if (value === undefined) return [];
      return before[key] === undefined ? [{ op: "add", path: at, value }] : jsonPatch(before[key], value, at);
    }),
  ];
}

function lists(before: readonly unknown[], after: readonly unknown[], path: string): Operation[] {
  const paired = before.length === after.length && before.every((item, i) => nameOf(item) === nameOf(after[i]));
  if (paired) return after.flatMap((item, i) => jsonPatch(before[i], item, `${path}/${i}`));
  const operations: Operation[] = [];
  let next = 0;
  for (const [i, item] of after.entries()) {
    if (next < before.length && isOf(before[next], item)) {
      operations.push(...jsonPatch(before[next], item, `${path}/${i}`));
      next += 1;
    } else operations.push({ op: "add", path: `${path}/${i}`, value: item });
  }
  return next === before.length ? operations : [{ op: "replace", path, value: after }];
}

/** Whether a list's item is what became of another: named things keep their name. */
function isOf(before: unknown, after: unknown): boolean {
  const name = nameOf(before);
  return name === undefined ? same(before, after) : name === nameOf(after);
}

function nameOf(item: unknown): unknown {
  return isObject(item) ? item["name"] : undefined;
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => same(item, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.every((key) => same(a[key], b[key]));
}

/** Source: RFC 6901. */
function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
