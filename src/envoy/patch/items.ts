import type { PatchOperation } from "../../plan/patch/patch.ts";

/** A change of an ordered list (filters, routes) by one patch. */
export interface ItemChange<T> {
  readonly operation: PatchOperation;
  /** Which item the patch is about; absent where it names none. */
  readonly anchor?: (item: T) => boolean;
  readonly make: () => T;
  /** Where what is put first and last goes: items before `first` and from `last` on keep their ends. */
  readonly first?: number;
  readonly last?: number;
}

/** The list after the change, or undefined where it changes nothing. Merging is not its business. */
export function changedItems<T>(items: readonly T[], change: ItemChange<T>): T[] | undefined {
  const { operation, anchor, make, first = 0, last = items.length } = change;
  if (operation === "ADD") return spliced(items, last, make());
  if (operation === "INSERT_FIRST") return spliced(items, first, make());
  if (anchor === undefined) {
    if (operation === "INSERT_BEFORE") return spliced(items, first, make());
    return operation === "INSERT_AFTER" ? spliced(items, last, make()) : undefined;
  }
  if (operation === "REMOVE") {
    const kept = items.filter((item) => !anchor(item));
    return kept.length === items.length ? undefined : kept;
  }
  const at = operation === "INSERT_AFTER" ? items.findLastIndex(anchor) : items.findIndex(anchor);
  if (at < 0) return undefined;
  if (operation === "INSERT_BEFORE") return spliced(items, at, make());
  if (operation === "INSERT_AFTER") return spliced(items, at + 1, make());
  return operation === "REPLACE" ? items.with(at, make()) : undefined;
}

function spliced<T>(items: readonly T[], at: number, item: T): T[] {
  return items.toSpliced(at, 0, item);
}
