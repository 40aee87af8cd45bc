import { Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { type ReactElement, useMemo } from "react";
import type { Finding } from "../../../src/api/contract/config.ts";
import { diagnosticsQuery } from "../api/queries.ts";
import { findingColumns } from "../config/config-columns.tsx";
import { aboutOf } from "../config/filters.ts";
import { LevelButtons } from "../config/level-buttons.tsx";
import { Segments } from "../frame/segments.tsx";
import { shows, useView } from "../frame/view.ts";
import { Icon } from "../icons/icon.tsx";
import { Empty, Failure, Skeleton } from "../notes/notes.tsx";
import { DataTable } from "../table/data-table.tsx";
import { codesOf, countCodes, type FindingsSearch, isShown, type Tool, tools } from "./search.ts";
import "../config/config.css";

const route = getRouteApi("/findings");
const text = (f: Finding) => [f.level, ...codesOf(f), f.origin, f.at, f.field, f.message, f.fix].join(" ");
const key = (f: Finding) => `${f.code}|${f.at}|${f.field ?? ""}|${f.message}`;

/** All that is wrong with the configuration, by code, level and namespace. */
export function FindingsPage(): ReactElement {
  const { data, error } = useQuery(diagnosticsQuery);
  const { namespaces } = useView();
  const address = route.useSearch();
  const params = useParams({ strict: false });
  const navigate = useNavigate();
  const onAddress = (search: Partial<typeof address>) =>
    void navigate({ to: ".", replace: true, search: (before) => ({ ...before, ...search }) });
  const here = useMemo(
    () =>
      data?.filter((f) => {
        const namespace = aboutOf(f.origin)?.namespace;
        return !namespace || shows(namespaces, namespace);
      }),
    [data, namespaces],
  );
  const rows = useMemo(() => here?.filter((f) => isShown(f, address)), [here, address]);
  if (!here || !rows) return error ? <Failure error={error} /> : <Skeleton />;
  const selected = rows.find((f) => f.code === params.code && f.at === address.at);
  return (
    <>
      <DataTable
        label="Findings"
        rows={rows}
        columns={findingColumns}
        rowKey={key}
        rowText={text}
        selected={selected && key(selected)}
        order={{ column: "level", down: false }}
        address={address}
        onAddress={onAddress}
        onOpen={(f) =>
          void navigate({
            to: "/findings/$code",
            params: { code: f.code },
            search: (before) => ({ ...before, at: f.at }),
          })
        }
        cli={["npx weft analyze", namespaces.length === 1 && `-n ${namespaces[0]}`].filter(Boolean).join(" ")}
        tools={<Filters findings={here} address={address} onAddress={onAddress} />}
        empty={
          <Empty title="Nothing found" command="npx weft analyze">
            Here stands what is wrong with the configuration, each with its code, its file and line, and how to mend it.{" "}
            {here.length === 0 ? "Nothing is." : "Nothing is among what the filters leave."}
          </Empty>
        }
      />
      <Outlet />
    </>
  );
}

interface FiltersProps {
  readonly findings: readonly Finding[];
  readonly address: FindingsSearch;
  readonly onAddress: (search: FindingsSearch) => void;
}

function Filters({ findings, address, onAddress }: FiltersProps): ReactElement {
  return (
    <>
      <Segments
        label="Codes of"
        segments={[
          { value: "", label: "All" },
          ...(Object.keys(tools) as Tool[]).map((tool) => ({ value: tool, label: tools[tool] })),
        ]}
        value={address.tool ?? ""}
        onChange={(tool) => onAddress({ tool: tool === "" ? undefined : (tool as Tool) })}
      />
      <CodePicker findings={findings} code={address.code} onCode={(code) => onAddress({ code })} />
      <LevelButtons findings={findings} level={address.level} onLevel={(level) => onAddress({ level })} />
    </>
  );
}

interface CodePickerProps {
  readonly findings: readonly Finding[];
  readonly code: string | undefined;
  readonly onCode: (code: string | undefined) => void;
}

function CodePicker({ findings, code, onCode }: CodePickerProps): ReactElement {
  return (
    <Menu position="bottom-start" transitionProps={{ duration: 0 }} offset={4}>
      <Menu.Target>
        <button type="button" className="plain-button" aria-label={`Code: ${code ?? "All codes"}`}>
          {code ?? "All codes"}
          <Icon name="down" size={14} />
        </button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflow: "auto" }}>
        <Menu.Item onClick={() => onCode(undefined)}>All codes</Menu.Item>
        {countCodes(findings).map(([one, count]) => (
          <Menu.Item key={one} rightSection={<span className="quiet">{count}</span>} onClick={() => onCode(one)}>
            <span className="mono">{one}</span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
