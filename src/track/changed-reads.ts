import type { Resource } from "../model/resource.ts";

type ByNamespace = ReadonlyMap<string, readonly Resource[]>;

const none: readonly Resource[] = [];

/** Keys of the reads of one type whose answers may differ between two snapshots: `namespaces`, `list\\0NAMESPACE`, `names\\0NAMESPACE`, `get\\0NAMESPACE\\0NAME`. */
export function* changedReads(before: ByNamespace | undefined, after: ByNamespace | undefined): Generator<string> {
  if (before === after) return;
  yield "namespaces";
  for (const namespace of new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])) {
    const [old, now] = [before?.get(namespace) ?? none, after?.get(namespace) ?? none];
    if (old === now) continue;
    yield `list\0${namespace}`;
    const others = [...changedNames(old, now)];
    if (others.some(({ both }) => !both)) yield `names\0${namespace}`;
    for (const { name } of others) yield `get\0${namespace}\0${name}`;
  }
}

/** What only one of two lists holds, or what `both` hold, differently. Both lists are sorted by name. */
function* changedNames(
  old: readonly Resource[],
  now: readonly Resource[],
): Generator<{ readonly name: string; readonly both: boolean }> {
  for (let i = 0, k = 0; i < old.length || k < now.length; ) {
    const [a, b] = [old[i], now[k]];
    if (a === b) {
      i++;
      k++;
    } else if (a !== undefined && (b === undefined || a.name < b.name)) {
      yield { name: a.name, both: false };
      i++;
    } else if (b !== undefined && (a === undefined || b.name < a.name)) {
      yield { name: b.name, both: false };
      k++;
    } else {
      yield { name: (a as Resource).name, both: true };
      i++;
      k++;
    }
  }
}
