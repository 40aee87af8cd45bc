import { Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { meshQuery } from "../api/queries.ts";
import { Icon } from "../icons/icon.tsx";
import { useView } from "./view.ts";

/** Chooses any number of namespaces; none chosen means all. The choice stands in the address. */
export function NamespacePicker(): ReactElement {
  const all = useQuery(meshQuery).data?.namespaces ?? [];
  const { namespaces } = useView();
  const navigate = useNavigate();
  const choose = (chosen: readonly string[]) =>
    void navigate({
      to: ".",
      search: (before) => ({ ...before, ns: chosen.length === 0 ? undefined : chosen.join(",") }),
    });
  const toggle = (name: string) =>
    choose(namespaces.includes(name) ? namespaces.filter((n) => n !== name) : [...namespaces, name].sort());
  const label =
    namespaces.length === 0
      ? "All namespaces"
      : namespaces.length === 1
        ? namespaces[0]
        : `${namespaces.length} namespaces`;
  return (
    <Menu position="bottom-start" closeOnItemClick={false} transitionProps={{ duration: 0 }} offset={4}>
      <Menu.Target>
        <button type="button" className="plain-button" aria-label={`Namespaces: ${label}`}>
          {label}
          <Icon name="down" size={14} />
        </button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflow: "auto" }}>
        <Choice label="All namespaces" chosen={namespaces.length === 0} onClick={() => choose([])} />
        {all.map((name) => (
          <Choice key={name} label={name} chosen={namespaces.includes(name)} onClick={() => toggle(name)} />
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Choice(props: {
  readonly label: string;
  readonly chosen: boolean;
  readonly onClick: () => void;
}): ReactElement {
  return (
    <Menu.Item
      role="menuitemcheckbox"
      aria-checked={props.chosen}
      leftSection={<span className="menu-check">{props.chosen && <Icon name="check" size={14} />}</span>}
      onClick={props.onClick}
    >
      {props.label}
    </Menu.Item>
  );
}
