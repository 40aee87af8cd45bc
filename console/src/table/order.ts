/** What a column sorts by; absent values come last whichever way. */
export type SortValue = string | number | undefined;

/** `name` upward, `-name` downward, as it stands in the address. */
export interface Sort {
  readonly column: string;
  readonly down: boolean;
}

export function parseSort(text: string | undefined, fallback: Sort): Sort {
  if (!text) return fallback;
  return text.startsWith("-") ? { column: text.slice(1), down: true } : { column: text, down: false };
}

export function formatSort(sort: Sort): string {
  return `${sort.down ? "-" : ""}${sort.column}`;
}

const collator = new Intl.Collator("en", { numeric: true });

/** A sorted copy; equal rows keep their order. */
export function sorted<T>(rows: readonly T[], value: (row: T) => SortValue, down: boolean): readonly T[] {
  const turn = down ? -1 : 1;
  return rows.toSorted((a, b) => {
    const x = value(a);
    const y = value(b);
    if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? 1 : -1;
    return turn * (typeof x === "number" && typeof y === "number" ? x - y : collator.compare(String(x), String(y)));
  });
}

/** Rows in whose text every typed word occurs, case aside. */
export function filtered<T>(rows: readonly T[], text: (row: T) => string, typed: string): readonly T[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const haystack = text(row).toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}
