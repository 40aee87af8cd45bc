import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { ServiceItem } from "../../../src/api/contract/inventory.ts";
import { firstColumns, namespaceColumn, sentenceColumn, trafficColumns } from "../list/columns.tsx";
import { ListPage } from "../list/list-page.tsx";
import { servicesQuery } from "../list/queries.ts";
import { useListed } from "../list/use-listed.ts";
import { Empty } from "../notes/notes.tsx";
import { Calm } from "../table/calm.tsx";
import type { Column } from "../table/columns.ts";

const columns: readonly Column<ServiceItem>[] = [
  ...firstColumns<ServiceItem>("Service", (s) => s.name),
  namespaceColumn(),
  {
    id: "ports",
    title: "Ports",
    width: "100px",
    sort: (s) => s.ports[0]?.number,
    cell: (s) => <span className="mono">{s.ports.map((p) => p.number).join(", ") || "–"}</span>,
  },
  {
    id: "endpoints",
    title: "Endpoints",
    hint: "Replicas behind it that take requests, of all",
    number: true,
    width: "88px",
    sort: (s) => s.endpoints.ready,
    cell: (s) => (
      <Calm zero={s.endpoints.total === 0}>
        {s.endpoints.ready}/{s.endpoints.total}
      </Calm>
    ),
  },
  ...trafficColumns<ServiceItem>((s) => s.inbound),
  {
    id: "objects",
    title: "Configuration",
    hint: "Objects that change what its callers get",
    width: "148px",
    most: 280,
    yields: 1,
    sort: (s) => s.objects.length,
    cell: (s) => <Calm zero={s.objects.length === 0}>{s.objects.map((o) => o.kind).join(", ") || "none"}</Calm>,
  },
  { id: "host", title: "Host", extra: true, width: "280px", sort: (s) => s.host, cell: (s) => s.host },
  {
    id: "address",
    title: "Address",
    extra: true,
    width: "116px",
    sort: (s) => s.address,
    cell: (s) => s.address ?? "headless",
  },
  sentenceColumn(),
];

const keyOf = (s: ServiceItem) => `${s.namespace}/${s.name}`;
const textOf = (s: ServiceItem) =>
  [
    s.name,
    s.host,
    s.health,
    s.sentence,
    ...s.ports.map((p) => `${p.name} ${p.number}`),
    ...s.objects.map((o) => o.kind),
  ].join(" ");

/** Every Service, with who stands behind it and how it answers. */
export function ServicesPage(): ReactElement {
  const { query, rows, namespaces, selected } = useListed(servicesQuery);
  const navigate = useNavigate();
  return (
    <ListPage
      label="Services"
      query={query}
      rows={rows}
      columns={columns}
      rowKey={keyOf}
      rowText={textOf}
      selected={selected}
      onOpen={({ namespace, name }) =>
        void navigate({ to: "/services/$namespace/$name", params: { namespace, name }, search: true })
      }
      cli={namespaces.length === 1 ? `npx weft get service -n ${namespaces[0]}` : "npx weft get service"}
      empty={
        <Empty title="No services" command="npx weft up samples/bookinfo">
          Here stands every Service that the mesh knows, with who answers behind it and what its callers get. Start the
          sample to see some.
        </Empty>
      }
    />
  );
}
