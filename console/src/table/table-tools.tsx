import { Menu } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";
import { Icon } from "../icons/icon.tsx";
import type { Column } from "./columns.ts";
import { CopyCli } from "./copy-cli.tsx";

interface TableToolsProps<T> {
  readonly label: string;
  readonly typed: string;
  readonly onType: (typed: string) => void;
  readonly shown: number;
  readonly total: number;
  readonly columns: readonly Column<T>[];
  readonly isShown: (id: string) => boolean;
  readonly onToggle: (id: string) => void;
  /** Columns that are not there because the window is too narrow. */
  readonly noRoomFor: readonly string[];
  readonly cli: string;
  readonly children?: ReactNode;
}

/** The line above a table: its name and size, a filter, what the page adds, columns, copy as CLI. */
export function TableTools<T>(props: TableToolsProps<T>): ReactElement {
  const { label, typed, onType, shown, total } = props;
  return (
    <div className="table-tools">
      <h1>
        {label} <span className="quiet">{shown === total ? total : `${shown} of ${total}`}</span>
      </h1>
      <label className="filter">
        <Icon name="search" size={14} />
        <span className="heard-only">Filter {label.toLowerCase()}</span>
        <input type="search" placeholder="Filter" value={typed} onChange={(event) => onType(event.target.value)} />
      </label>
      {props.children}
      <span className="push" />
      <Menu position="bottom-end" closeOnItemClick={false} transitionProps={{ duration: 0 }} offset={4}>
        <Menu.Target>
          <button type="button" className="plain-button">
            <Icon name="columns" size={14} />
            Columns
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {props.columns
            .filter((c) => !c.fixed)
            .map((c) => (
              <Menu.CheckboxItem key={c.id} checked={props.isShown(c.id)} onChange={() => props.onToggle(c.id)}>
                {c.title}
                {props.noRoomFor.includes(c.id) && <span className="quiet"> (no room)</span>}
              </Menu.CheckboxItem>
            ))}
        </Menu.Dropdown>
      </Menu>
      <CopyCli command={props.cli} />
    </div>
  );
}
