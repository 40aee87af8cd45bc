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
        <Menu.CheckboxItem checked={namespaces.length === 0} onChange={() => choose([])}>
          All namespaces
        </Menu.CheckboxItem>
        {all.map((name) => (
          <Menu.CheckboxItem key={name} checked={namespaces.includes(name)} onChange={() => toggle(name)}>
            {name}
          </Menu.CheckboxItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
