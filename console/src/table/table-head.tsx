import type { ReactElement } from "react";
import type { Column } from "./columns.ts";
import type { Sort } from "./order.ts";

interface TableHeadProps<T> {
  readonly columns: readonly Column<T>[];
  readonly sort: Sort;
  readonly onSort: (sort: Sort) => void;
}

/** Titles that sort: a first press upward, for numbers downward, a second the other way. */
export function TableHead<T>({ columns, sort, onSort }: TableHeadProps<T>): ReactElement {
  return (
    <thead>
      <tr>
        {columns.map((column) => {
          const active = column.id === sort.column;
          const next = { column: column.id, down: active ? !sort.down : column.number === true };
          return (
            <th
              key={column.id}
              scope="col"
              className={column.number ? "number" : undefined}
              style={column.width ? { width: column.width } : undefined}
              aria-sort={active ? (sort.down ? "descending" : "ascending") : "none"}
            >
              <button type="button" onClick={() => onSort(next)} title={column.hint}>
                {column.title}
                <span className="arrow" aria-hidden="true">
                  {active ? (sort.down ? "↓" : "↑") : ""}
                </span>
              </button>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
