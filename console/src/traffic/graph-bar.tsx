import { Menu } from "@mantine/core";
import { type ReactElement, type ReactNode, useState } from "react";
import { useView } from "../frame/view.ts";
import { Icon } from "../icons/icon.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { graphCommand } from "./command.ts";
import { findPresets, hidePresets } from "./find/presets.ts";
import { FindField } from "./find-field.tsx";
import { FindHelp } from "./find-help.tsx";
import type { Picture } from "./picture.ts";
import {
  graphTypes,
  kindChoices,
  kindsText,
  labelModes,
  type ShowOption,
  showOptions,
  showText,
  type TrafficSearch,
} from "./search.ts";
import { useAddress } from "./use-address.ts";

interface GraphBarProps {
  readonly search: TrafficSearch;
  readonly picture: Picture;
  readonly children?: ReactNode;
}

/** What the graph shows, above it; all of it stands in the address. */
export function GraphBar({ search, picture, children }: GraphBarProps): ReactElement {
  const change = useAddress();
  const { namespaces, window } = useView();
  const [help, setHelp] = useState(false);
  const found = picture.found ? picture.found.nodes.size + picture.found.edges.size : undefined;
  return (
    <div className="graph-bar" role="toolbar" aria-label="What the graph shows">
      <TypeMenu search={search} />
      <LabelMenu picture={picture} />
      <ShowMenu shown={picture.shown} />
      <KindMenu picture={picture} />
      <span className="divider" />
      <FindField
        label="Find"
        value={search.find}
        error={picture.findError}
        note={found === undefined ? undefined : `${found} found`}
        presets={findPresets}
        onChange={(find) => change({ find })}
      />
      <FindField
        label="Hide"
        value={search.hide}
        error={picture.hideError}
        note={picture.hidden > 0 ? `${picture.hidden} hidden` : undefined}
        presets={hidePresets}
        onChange={(hide) => change({ hide })}
      />
      <button
        type="button"
        className="icon-button"
        aria-label="How to find and hide"
        title="How to find and hide"
        onClick={() => setHelp(true)}
      >
        <Icon name="help" />
      </button>
      <FindHelp open={help} onClose={() => setHelp(false)} />
      <div className="push" />
      {children}
      <CopyCli command={graphCommand(namespaces, window, search)} />
    </div>
  );
}

function Drop({
  label,
  value,
  children,
}: {
  readonly label: string;
  readonly value?: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <Menu position="bottom-start" closeOnItemClick={false} transitionProps={{ duration: 0 }} offset={4} withinPortal>
      <Menu.Target>
        <button type="button" className="plain-button" aria-label={value ? `${label}: ${value}` : label}>
          {value ?? label}
          <Icon name="down" size={14} />
        </button>
      </Menu.Target>
      <Menu.Dropdown mah={520} style={{ overflow: "auto" }}>
        {children}
      </Menu.Dropdown>
    </Menu>
  );
}

function TypeMenu({ search }: { readonly search: TrafficSearch }): ReactElement {
  const change = useAddress();
  const chosen = search.type ?? "workload";
  return (
    <Drop label="Nodes" value={graphTypes.find((t) => t.value === chosen)?.words ?? "Workloads"}>
      <Menu.RadioGroup
        value={chosen}
        onChange={(value) => change({ type: graphTypes.find((t) => t.value === value && value !== "workload")?.value })}
      >
        {graphTypes.map(({ value, words }) => (
          <Menu.RadioItem key={value} value={value}>
            {words}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
    </Drop>
  );
}

function LabelMenu({ picture }: { readonly picture: Picture }): ReactElement {
  const change = useAddress();
  const { labels } = picture;
  const toggle = (value: (typeof labels)[number]) => {
    const next = labels.includes(value) ? labels.filter((l) => l !== value) : [...labels, value];
    change({ label: next.join(",") || undefined });
  };
  return (
    <Drop label="Labels">
      <Menu.CheckboxItem checked={labels.length === 0} onChange={() => change({ label: undefined })}>
        The worst edges alone
      </Menu.CheckboxItem>
      <Menu.Divider />
      {labelModes.map(({ value, words }) => (
        <Menu.CheckboxItem key={value} checked={labels.includes(value)} onChange={() => toggle(value)}>
          {words}
        </Menu.CheckboxItem>
      ))}
    </Drop>
  );
}

function ShowMenu({ shown }: { readonly shown: ReadonlySet<ShowOption> }): ReactElement {
  const change = useAddress();
  const toggle = (value: ShowOption) => {
    const next = new Set(shown);
    if (!next.delete(value)) next.add(value);
    if (value === "rank") next.delete("rank-out");
    if (value === "rank-out") next.delete("rank");
    change({ show: showText(next) });
  };
  return (
    <Drop label="Show">
      {showOptions.map(({ value, words }) => (
        <Menu.CheckboxItem key={value} checked={shown.has(value)} onChange={() => toggle(value)}>
          {words}
        </Menu.CheckboxItem>
      ))}
    </Drop>
  );
}

const kindWords = { http: "HTTP", grpc: "gRPC", tcp: "TCP" } as const;

function KindMenu({ picture }: { readonly picture: Picture }): ReactElement {
  const change = useAddress();
  const { kinds } = picture;
  return (
    <Drop label="Traffic">
      {(["http", "grpc", "tcp"] as const).map((name) => (
        <div key={name}>
          <Menu.Label>{kindWords[name]}</Menu.Label>
          <Menu.RadioGroup
            value={kinds[name]}
            onChange={(value) => change({ kinds: kindsText({ ...kinds, [name]: value }) })}
          >
            {kindChoices[name].map(({ value, words }) => (
              <Menu.RadioItem key={value} value={value}>
                {words}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
        </div>
      ))}
    </Drop>
  );
}
