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
  /** Pixels that it can use where there is room: long names. */
  readonly most?: number;
  /** Left out where room is short, the lowest number first. */
  readonly yields?: number;
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
): {
  readonly shown: readonly Column<T>[];
  readonly toggle: (id: string) => void;
  readonly isShown: (id: string) => boolean;
  /** Somebody asked for it by name. */
  readonly isChosen: (id: string) => boolean;
} {
  const [choice, setChoice] = useLocalStorage<Readonly<Record<string, boolean>>>({
    key: `weft-columns-${table}`,
    defaultValue: {},
    getInitialValueInEffect: false,
  });
  const isShown = (id: string) => choice[id] ?? !columns.find((c) => c.id === id)?.extra;
  const toggle = (id: string) => setChoice({ ...choice, [id]: !isShown(id) });
  const isChosen = (id: string) => choice[id] === true;
  return { shown: columns.filter((c) => c.fixed || isShown(c.id)), toggle, isShown, isChosen };
}
