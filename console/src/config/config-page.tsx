import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { type ReactElement, useMemo } from "react";
import type { ConfigObject, Finding } from "../../../src/api/contract/config.ts";
import { configQuery, diagnosticsQuery } from "../api/queries.ts";
import { shows, useView } from "../frame/view.ts";
import { Empty, Failure, Skeleton } from "../notes/notes.tsx";
import { DataTable } from "../table/data-table.tsx";
import { findingColumns, objectColumns } from "./config-columns.tsx";
import { ConfigFilters } from "./config-filters.tsx";
import { aboutOf, objectOf } from "./filters.ts";

const route = getRouteApi("/config");
const objectText = (c: ConfigObject) =>
  [c.kind, c.namespace, c.name, c.at, ...c.diagnostics.flatMap((d) => [d.code, d.message])].join(" ");
const objectKey = (c: ConfigObject) => `${c.type}/${c.namespace}/${c.name}`;
const findingText = (f: Finding) => [f.level, f.code, f.origin, f.at, f.field, f.message, f.fix].join(" ");
const findingKey = (f: Finding) => `${f.code}|${f.at}|${f.field ?? ""}|${f.message}`;

/** Every object that the mesh reads, or every finding about them. */
export function ConfigPage(): ReactElement {
  const objects = useQuery(configQuery);
  const findings = useQuery(diagnosticsQuery);
  const search = route.useSearch();
  if (!objects.data || !findings.data) {
    const error = objects.error ?? findings.error;
    return error ? <Failure error={error} /> : <Skeleton />;
  }
  return (
    <>
      {search.view === "findings" ? (
        <Findings objects={objects.data} findings={findings.data} />
      ) : (
        <Objects objects={objects.data} findings={findings.data} />
      )}
      <Outlet />
    </>
  );
}

interface Both {
  readonly objects: readonly ConfigObject[];
  readonly findings: readonly Finding[];
}

function useAddress() {
  const navigate = useNavigate();
  const address = route.useSearch();
  const onAddress = (search: Partial<typeof address>) =>
    void navigate({ to: ".", replace: true, search: (before) => ({ ...before, ...search }) });
  return { address, onAddress, navigate };
}

function Objects({ objects, findings }: Both): ReactElement {
  const { namespaces } = useView();
  const { address, onAddress, navigate } = useAddress();
  const { kind, level } = address;
  const here = useMemo(
    () => objects.filter((c) => c.namespace === "" || shows(namespaces, c.namespace)),
    [objects, namespaces],
  );
  const rows = useMemo(
    () => here.filter((c) => (!kind || c.kind === kind) && (!level || c.diagnostics.some((d) => d.level === level))),
    [here, kind, level],
  );
  const params = useParams({ strict: false });
  const selected = rows.find(
    (c) => c.type === params.type && (c.namespace || "-") === params.namespace && c.name === params.name,
  );
  return (
    <DataTable
      label="Config"
      rows={rows}
      columns={objectColumns}
      rowKey={objectKey}
      rowText={objectText}
      selected={selected && objectKey(selected)}
      order={{ column: "state", down: false }}
      address={address}
      onAddress={onAddress}
      onOpen={(c) =>
        void navigate({
          to: "/config/$type/$namespace/$name",
          params: { type: c.type, namespace: c.namespace || "-", name: c.name },
          search: true,
        })
      }
      cli={["npx weft get", kind?.toLowerCase(), namespaces.length === 1 && `-n ${namespaces[0]}`]
        .filter(Boolean)
        .join(" ")}
      tools={<ConfigFilters objects={here} findings={findings} address={address} onAddress={onAddress} />}
      empty={
        here.length === 0 ? <NoConfig /> : <p className="no-match">No object is of this kind with such findings.</p>
      }
    />
  );
}

function NoConfig(): ReactElement {
  return (
    <Empty title="No configuration" command="npx weft up samples/bookinfo">
      Here stands every object that the mesh reads, with its file and line and what is wrong with it. It reads the
      folder that <code>weft up</code> was given; a file saved there shows up within a second.
    </Empty>
  );
}

function Findings({ objects, findings }: Both): ReactElement {
  const { namespaces } = useView();
  const { address, onAddress, navigate } = useAddress();
  const { kind, level } = address;
  const rows = useMemo(
    () =>
      findings.filter((f) => {
        const about = aboutOf(f.origin);
        return (
          (!level || f.level === level) &&
          (!kind || about?.kind === kind) &&
          (!about?.namespace || shows(namespaces, about.namespace))
        );
      }),
    [findings, level, kind, namespaces],
  );
  return (
    <DataTable
      label="Findings"
      rows={rows}
      columns={findingColumns}
      rowKey={findingKey}
      rowText={findingText}
      order={{ column: "level", down: false }}
      address={address}
      onAddress={onAddress}
      onOpen={(finding) => {
        const object = objectOf(finding, objects);
        if (object)
          void navigate({
            to: "/config/$type/$namespace/$name",
            params: { type: object.type, namespace: object.namespace || "-", name: object.name },
            search: true,
          });
        else void navigate({ to: "/config/finding", search: (before) => ({ ...before, at: finding.at }) });
      }}
      cli="npx weft analyze"
      tools={<ConfigFilters objects={objects} findings={findings} address={address} onAddress={onAddress} />}
      empty={
        <Empty title="Nothing found" command="npx weft analyze">
          Here stands what is wrong with the configuration, each with its code, file and line, and how to mend it.{" "}
          {findings.length === 0 ? "Nothing is." : "Nothing is among what the filters leave."}
        </Empty>
      }
    />
  );
}
