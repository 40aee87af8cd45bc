import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { ApplicationItem } from "../../../src/api/contract/inventory.ts";
import { firstColumns, namespaceColumn, sentenceColumn, trafficColumns } from "../list/columns.tsx";
import { ListPage } from "../list/list-page.tsx";
import { applicationsQuery } from "../list/queries.ts";
import { useListed } from "../list/use-listed.ts";
import { Empty } from "../notes/notes.tsx";
import type { Column } from "../table/columns.ts";

const columns: readonly Column<ApplicationItem>[] = [
  ...firstColumns<ApplicationItem>("Application", (a) => a.name),
  namespaceColumn(),
  {
    id: "versions",
    title: "Versions",
    width: "144px",
    sort: (a) => a.versions.join(" "),
    cell: (a) => a.versions.join(", ") || "–",
  },
  {
    id: "workloads",
    title: "Workloads",
    number: true,
    width: "92px",
    sort: (a) => a.workloads.length,
    cell: (a) => a.workloads.length,
  },
  ...trafficColumns<ApplicationItem>((a) => a.inbound),
  sentenceColumn(),
];

const keyOf = (a: ApplicationItem) => `${a.namespace}/${a.name}`;
const textOf = (a: ApplicationItem) => [a.name, a.namespace, a.health, a.sentence, ...a.versions].join(" ");

/** Workloads with the same canonical name, as one. */
export function ApplicationsPage(): ReactElement {
  const { query, rows, namespaces, selected } = useListed(applicationsQuery);
  const navigate = useNavigate();
  return (
    <ListPage
      label="Applications"
      query={query}
      rows={rows}
      columns={columns}
      rowKey={keyOf}
      rowText={textOf}
      selected={selected}
      onOpen={({ namespace, name }) =>
        void navigate({ to: "/applications/$namespace/$name", params: { namespace, name }, search: true })
      }
      cli={namespaces.length === 1 ? `npx weft status -n ${namespaces[0]} -o wide` : "npx weft status -o wide"}
      empty={
        <Empty title="No applications" command="npx weft up samples/bookinfo">
          Workloads with the same app label stand here as one, with all their versions. Start the sample to see some.
        </Empty>
      }
    />
  );
}
