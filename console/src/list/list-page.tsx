import type { UseQueryResult } from "@tanstack/react-query";
import { Outlet, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import { Failure, Skeleton } from "../notes/notes.tsx";
import type { Column } from "../table/columns.ts";
import { DataTable, type TableAddress } from "../table/data-table.tsx";

interface ListPageProps<T> {
  readonly label: string;
  readonly query: Pick<UseQueryResult<readonly T[]>, "error">;
  /** Rows of the chosen namespaces; absent until there is an answer. */
  readonly rows: readonly T[] | undefined;
  readonly columns: readonly Column<T>[];
  readonly rowKey: (row: T) => string;
  readonly rowText: (row: T) => string;
  readonly selected: string | undefined;
  readonly onOpen: (row: T) => void;
  readonly cli: string;
  readonly empty: ReactNode;
  readonly tools?: ReactNode;
}

/** A page that is a table, worst first, with its filter and order in the address and its details beside it. */
export function ListPage<T>(props: ListPageProps<T>): ReactElement {
  const address = useSearch({ strict: false }) as TableAddress;
  const navigate = useNavigate();
  const { rows, query, ...table } = props;
  if (!rows) return query.error ? <Failure error={query.error} /> : <Skeleton />;
  return (
    <>
      <DataTable
        {...table}
        rows={rows}
        order={{ column: "health", down: false }}
        address={address}
        onAddress={(search) =>
          void navigate({ to: ".", replace: true, search: (before) => ({ ...before, ...search }) })
        }
      />
      <Outlet />
    </>
  );
}
