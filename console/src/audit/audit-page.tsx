import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { AuditEntry } from "../../../src/api/contract/session.ts";
import { clockTime } from "../format/quantity.ts";
import { Segments } from "../frame/segments.tsx";
import { HealthMark } from "../health/health-mark.tsx";
import { Icon } from "../icons/icon.tsx";
import { Empty, Failure, Skeleton } from "../notes/notes.tsx";
import type { Column } from "../table/columns.ts";
import { DataTable, type TableAddress } from "../table/data-table.tsx";
import { auditQuery } from "./queries.ts";
import { csvOf, type Outcome, outcomeOf, whatOf } from "./records.ts";
import type { AuditSearch } from "./search.ts";

const health = { done: "healthy", refused: "degraded", failed: "failing", cut: "unknown" } as const;
const words: Readonly<Record<Outcome, string>> = {
  done: "done",
  refused: "refused",
  failed: "failed",
  cut: "the answer did not get there",
};

const columns: readonly Column<AuditEntry>[] = [
  {
    id: "outcome",
    title: "Outcome",
    width: "112px",
    sort: (r) => r.status,
    cell: (r) => (
      <>
        <HealthMark health={health[outcomeOf(r)]} label={words[outcomeOf(r)]} /> {r.status || "–"}
      </>
    ),
  },
  {
    id: "time",
    title: "When",
    width: "176px",
    sort: (r) => r.at,
    cell: (r) => <time dateTime={new Date(r.at).toISOString()}>{whenOf(r.at)}</time>,
  },
  { id: "who", title: "Who", width: "200px", sort: (r) => r.who, cell: (r) => r.who || "nobody" },
  { id: "how", title: "Known by", width: "96px", sort: (r) => r.how, cell: (r) => r.how || "–" },
  { id: "from", title: "From", width: "128px", sort: (r) => r.from, cell: (r) => r.from },
  { id: "what", title: "What", sort: whatOf, cell: (r) => <span title={`${r.method} ${r.path}`}>{whatOf(r)}</span> },
];

function whenOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 10)} ${clockTime(at, true)}`;
}

const keyOf = (r: AuditEntry) => `${r.at} ${r.from} ${r.path} ${r.objects.join()}`;
const textOf = (r: AuditEntry) => [r.who, r.how, r.from, r.path, whatOf(r), words[outcomeOf(r)], r.status].join(" ");
const outcomes = [
  { value: "all", label: "All" },
  { value: "done", label: "Done" },
  { value: "not", label: "Not done", words: "Only what was refused or failed" },
] as const;

/** Who tried to change what, from where, and what came of it. */
export function AuditPage(): ReactElement {
  const { data, error } = useQuery(auditQuery);
  const search = useSearch({ strict: false }) as TableAddress & AuditSearch;
  const navigate = useNavigate();
  if (!data) return error ? <Failure error={error} /> : <Skeleton />;
  const { outcome } = search;
  const rows = data.filter((r) => outcome === undefined || (outcomeOf(r) === "done") === (outcome === "done"));
  const change = (next: TableAddress & AuditSearch) =>
    void navigate({ to: ".", replace: true, search: (before) => ({ ...before, ...next }) });
  return (
    <DataTable
      label="Audit"
      rows={rows}
      columns={columns}
      rowKey={keyOf}
      rowText={textOf}
      order={{ column: "time", down: true }}
      address={search}
      onAddress={change}
      onOpen={(r) => change({ q: r.who })}
      cli={outcome === undefined ? "npx weft audit" : `npx weft audit --outcome ${outcome}`}
      tools={
        <>
          <Segments
            label="Outcome"
            segments={outcomes}
            value={outcome ?? "all"}
            onChange={(value) => change({ outcome: value === "all" ? undefined : value })}
          />
          <button type="button" className="plain-button" onClick={() => save(rows)}>
            <Icon name="download" size={14} /> CSV
          </button>
          <span className="quiet">the last {data.length}; older ones are in audit.log</span>
        </>
      }
      empty={
        <Empty title="Nobody tried to change anything" command="npx weft apply -f FILE">
          Here stands each attempt to change the mesh by the console, the API or the command line: who, when, from
          where, and what came of it.
        </Empty>
      }
    />
  );
}

function save(rows: readonly AuditEntry[]): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csvOf(rows)], { type: "text/csv" }));
  link.download = "audit.csv";
  link.click();
  URL.revokeObjectURL(link.href);
}
