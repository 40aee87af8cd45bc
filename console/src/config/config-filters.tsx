import { Menu } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { ConfigObject, Finding } from "../../../src/api/contract/config.ts";
import { Segments } from "../frame/segments.tsx";
import { Icon } from "../icons/icon.tsx";
import type { ConfigSearch } from "./filters.ts";
import { LevelButtons } from "./level-buttons.tsx";

interface ConfigFiltersProps {
  readonly objects: readonly ConfigObject[];
  readonly findings: readonly Finding[];
  readonly address: ConfigSearch;
  readonly onAddress: (search: ConfigSearch) => void;
}

/** Objects or findings, of which kind, with findings of which level. */
export function ConfigFilters({ objects, findings, address, onAddress }: ConfigFiltersProps): ReactElement {
  return (
    <>
      <Link className="plain-button" to="/config/new" search={true}>
        <Icon name="plus" size={14} />
        New
      </Link>
      <Link className="plain-button" to="/config/changes" search={true}>
        Changes
      </Link>
      <Link className="plain-button" to="/config/deleted" search={true}>
        Deleted
      </Link>
      <Segments
        label="Show"
        segments={[
          { value: "objects", label: "Objects" },
          { value: "findings", label: findings.length > 0 ? `Findings ${findings.length}` : "Findings" },
        ]}
        value={address.view ?? "objects"}
        onChange={(view) => onAddress({ view: view === "findings" ? view : undefined })}
      />
      <KindPicker objects={objects} kind={address.kind} onKind={(kind) => onAddress({ kind })} />
      <LevelButtons findings={findings} level={address.level} onLevel={(level) => onAddress({ level })} />
    </>
  );
}

interface KindPickerProps {
  readonly objects: readonly ConfigObject[];
  readonly kind: string | undefined;
  readonly onKind: (kind: string | undefined) => void;
}

function KindPicker({ objects, kind, onKind }: KindPickerProps): ReactElement {
  const kinds = [...Map.groupBy(objects, (c) => c.kind)].toSorted(([a], [b]) => a.localeCompare(b));
  return (
    <Menu position="bottom-start" transitionProps={{ duration: 0 }} offset={4}>
      <Menu.Target>
        <button type="button" className="plain-button" aria-label={`Kind: ${kind ?? "All kinds"}`}>
          {kind ?? "All kinds"}
          <Icon name="down" size={14} />
        </button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflow: "auto" }}>
        <Menu.RadioGroup value={kind ?? ""} onChange={(value) => onKind(value || undefined)}>
          <Menu.RadioItem value="">All kinds</Menu.RadioItem>
          {kinds.map(([name, members]) => (
            <Menu.RadioItem key={name} value={name} rightSection={<span className="quiet">{members.length}</span>}>
              {name}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
