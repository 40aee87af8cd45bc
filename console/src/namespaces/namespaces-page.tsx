import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type ReactElement, useMemo } from "react";
import type { NamespaceItem } from "../../../src/api/contract/inventory.ts";
import { shows, useView } from "../frame/view.ts";
import { HealthBar } from "../health/health-bar.tsx";
import { firstColumns, sentenceColumn, trafficColumns } from "../list/columns.tsx";
import { ListPage } from "../list/list-page.tsx";
import { namespacesQuery } from "../list/queries.ts";
import { Empty } from "../notes/notes.tsx";
import { Calm } from "../table/calm.tsx";
import type { Column } from "../table/columns.ts";
import { totalOf } from "./counts.ts";
import { injectionWords } from "./words.ts";

const columns: readonly Column<NamespaceItem>[] = [
  ...firstColumns<NamespaceItem>("Namespace", (n) => n.name),
  {
    id: "workloads",
    title: "Workloads",
    hint: "By how they are",
    width: "148px",
    sort: (n) => totalOf(n.workloads),
    cell: (n) => <HealthBar counts={n.workloads} />,
  },
  {
    id: "services",
    title: "Services",
    number: true,
    width: "80px",
    sort: (n) => n.services,
    cell: (n) => <Calm zero={n.services === 0}>{n.services}</Calm>,
  },
  {
    id: "inMesh",
    title: "In mesh",
    hint: "Workloads beside which a proxy stands, of all",
    number: true,
    width: "80px",
    sort: (n) => n.inMesh,
    cell: (n) => (
      <Calm zero={n.inMesh === 0}>
        {n.inMesh}/{totalOf(n.workloads)}
      </Calm>
    ),
  },
  {
    id: "mtls",
    title: "mTLS",
    hint: "What its workloads take from callers",
    width: "100px",
    sort: (n) => n.mtls,
    cell: (n) => n.mtls,
  },
  { id: "injection", title: "Injection", width: "112px", sort: injectionWords, cell: injectionWords },
  ...trafficColumns<NamespaceItem>((n) => n.inbound),
  {
    id: "findings",
    title: "Findings",
    hint: "Errors and warnings about its configuration",
    number: true,
    width: "84px",
    sort: (n) => n.findings.errors * 1000 + n.findings.warnings,
    cell: (n) => (
      <Calm zero={n.findings.errors + n.findings.warnings === 0}>
        <span className={n.findings.errors > 0 ? "bad" : undefined}>{n.findings.errors + n.findings.warnings}</span>
      </Calm>
    ),
  },
  sentenceColumn(),
];

const keyOf = (n: NamespaceItem) => n.name;
const textOf = (n: NamespaceItem) =>
  [
    n.name,
    n.health,
    n.mtls,
    injectionWords(n),
    n.revision,
    n.sentence,
    ...Object.entries(n.labels).map((l) => l.join("=")),
  ].join(" ");

/** Every namespace in which something of the mesh is. */
export function NamespacesPage(): ReactElement {
  const { namespaces, window } = useView();
  const query = useQuery(namespacesQuery(window));
  const navigate = useNavigate();
  const { name } = useParams({ strict: false });
  const { data } = query;
  const rows = useMemo(() => data?.filter((n) => shows(namespaces, n.name)), [data, namespaces]);
  return (
    <ListPage
      label="Namespaces"
      query={query}
      rows={rows}
      columns={columns}
      rowKey={keyOf}
      rowText={textOf}
      selected={name}
      onOpen={({ name }) => void navigate({ to: "/namespaces/$name", params: { name }, search: true })}
      cli="npx weft get namespace"
      empty={
        <Empty title="No namespaces" command="npx weft up samples/bookinfo">
          Here stands every namespace in which something of the mesh is. Start the sample to see one.
        </Empty>
      }
    />
  );
}
