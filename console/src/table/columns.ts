import { useLocalStorage } from "@mantine/hooks";
import type { ReactNode } from "react";
import type { SortValue } from "./order.ts";

export interface Column<T> {
  readonly id: string;
  readonly title: string;
  /** What the title means, where it is short. */
  readonly hint?: string;
  readonly cell: (row: T) => ReactNode;
  readonly sort: (row: T) => SortValue;
  /** CSS width; columns without share what is left. */
  readonly width?: string;
  readonly number?: boolean;
  /** Shown only once chosen. */
  readonly extra?: boolean;
  /** Cannot be taken away. */
  readonly fixed?: boolean;
}

/** Which columns are shown, kept in this browser for each table. */
export function useColumns<T>(
  table: string,
  columns: readonly Column<T>[],
): readonly [readonly Column<T>[], (id: string) => void, (id: string) => boolean] {
  const [choice, setChoice] = useLocalStorage<Readonly<Record<string, boolean>>>({
    key: `weft-columns-${table}`,
    defaultValue: {},
    getInitialValueInEffect: false,
  });
  const shown = (id: string) => choice[id] ?? !columns.find((c) => c.id === id)?.extra;
  const toggle = (id: string) => setChoice({ ...choice, [id]: !shown(id) });
  return [columns.filter((c) => c.fixed || shown(c.id)), toggle, shown];
}
