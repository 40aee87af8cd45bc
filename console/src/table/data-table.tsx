import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  type RefObject,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { type Column, useColumns } from "./columns.ts";
import { fitted, leastWidth } from "./fit.ts";
import { filtered, formatSort, parseSort, type Sort, sorted } from "./order.ts";
import { TableHead } from "./table-head.tsx";
import { TableTools } from "./table-tools.tsx";
import "./table.css";

const rowHeight = 32;

/** Filter and order of a table, as the page's address has them. */
export interface TableAddress {
  readonly q?: string | undefined;
  readonly sort?: string | undefined;
}

interface DataTableProps<T> {
  /** Names the table: for people, and for what the browser keeps of it. */
  readonly label: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly rowKey: (row: T) => string;
  readonly rowText: (row: T) => string;
  readonly onOpen: (row: T) => void;
  readonly selected?: string | undefined;
  readonly order: Sort;
  readonly address: TableAddress;
  readonly onAddress: (address: TableAddress) => void;
  /** The command that prints the same. */
  readonly cli: string;
  readonly tools?: ReactNode;
  /** Stands between the tools and the rows: a picture of them. */
  readonly picture?: ReactNode;
  /** Shown instead of rows where there are none at all. */
  readonly empty: ReactNode;
}

/** A table of any length: sort, filter, columns, keyboard, copy as CLI. Only the rows in sight are in the document. */
export function DataTable<T>(props: DataTableProps<T>): ReactElement {
  const { rows, address, onAddress } = props;
  const { shown, toggle, isShown, isChosen } = useColumns(props.label, props.columns);
  const section = useRef<HTMLElement>(null);
  const room = useWidth(section);
  const columns = fitted(shown, room, isChosen);
  const left = shown.filter((c) => !columns.some((fit) => fit.id === c.id)).map((c) => c.id);
  const sort = parseSort(address.sort, props.order);
  const typed = address.q ?? "";
  const visible = useMemo(() => {
    const column = props.columns.find((c) => c.id === sort.column) ?? props.columns[0];
    const found = filtered(rows, props.rowText, typed);
    return column ? sorted(found, column.sort, sort.down) : found;
  }, [rows, typed, sort.column, sort.down, props.columns, props.rowText]);
  return (
    <section className="data-table" aria-label={props.label} ref={section}>
      <TableTools
        label={props.label}
        typed={typed}
        onType={(q) => onAddress({ ...address, q: q || undefined })}
        shown={visible.length}
        total={rows.length}
        columns={props.columns}
        isShown={isShown}
        noRoomFor={left}
        onToggle={toggle}
        cli={props.cli}
      >
        {props.tools}
      </TableTools>
      {props.picture}
      {rows.length === 0 ? (
        props.empty
      ) : visible.length === 0 ? (
        <p className="no-match">
          Nothing matches “{typed}”.{" "}
          <button type="button" className="link" onClick={() => onAddress({ ...address, q: undefined })}>
            Show all {rows.length}
          </button>
        </p>
      ) : (
        <Rows
          {...props}
          rows={visible}
          columns={columns}
          sort={sort}
          onSort={(s) => onAddress({ ...address, sort: formatSort(s) })}
        />
      )}
    </section>
  );
}

interface RowsProps<T> extends DataTableProps<T> {
  readonly sort: Sort;
  readonly onSort: (sort: Sort) => void;
}

function Rows<T>({ rows, columns, rowKey, sort, onSort, onOpen, selected, label }: RowsProps<T>): ReactElement {
  const scroller = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(0);
  const here = Math.min(current, rows.length - 1);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const move = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setCurrent(next);
    virtual.scrollToIndex(next);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 320) / rowHeight) - 2);
    const to = nextRow(event.key, here, page, rows.length);
    const row = rows[here];
    if (to !== undefined) move(to);
    else if (event.key === "Enter" && row && event.target instanceof HTMLTableRowElement) onOpen(row);
    else return;
    event.preventDefault();
  };
  return (
    <div className="scroller" ref={scroller}>
      <table
        style={{ minWidth: leastWidth(columns) }}
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-keyshortcuts="ArrowUp ArrowDown Enter"
      >
        <TableHead columns={columns} sort={sort} onSort={onSort} />
        <tbody onKeyDown={onKeyDown}>
          {before > 0 && <Space height={before} columns={columns.length} />}
          {items.map((item) => {
            const row = rows[item.index] as T;
            const key = rowKey(row);
            return (
              <tr
                key={key}
                data-index={item.index}
                data-key={key}
                aria-rowindex={item.index + 2}
                aria-current={key === selected ? "true" : undefined}
                tabIndex={item.index === here ? 0 : -1}
                onFocus={() => setCurrent(item.index)}
                onClick={() => onOpen(row)}
              >
                {columns.map((column) => (
                  <td key={column.id} className={column.number ? "number" : undefined}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 && <Space height={after} columns={columns.length} />}
        </tbody>
      </table>
    </div>
  );
}

/** Pixels that an element is wide, read before the first paint and whenever it changes; 0 before. */
function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const box = element.current;
    if (!box) return;
    setWidth(box.clientWidth);
    const watch = new ResizeObserver(() => setWidth(box.clientWidth));
    watch.observe(box);
    return () => watch.disconnect();
  }, [element]);
  return width;
}

/** Stands for rows that are out of sight. */
function Space({ height, columns }: { readonly height: number; readonly columns: number }): ReactElement {
  return (
    <tr>
      <td colSpan={columns} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}

function nextRow(key: string, here: number, page: number, length: number): number | undefined {
  switch (key) {
    case "ArrowDown":
      return here + 1;
    case "ArrowUp":
      return here - 1;
    case "PageDown":
      return here + page;
    case "PageUp":
      return here - page;
    case "Home":
      return 0;
    case "End":
      return length - 1;
    default:
      return undefined;
  }
}
