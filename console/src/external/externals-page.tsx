import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { ExternalItem } from "../../../src/api/contract/inventory.ts";
import { byteRate } from "../format/quantity.ts";
import { useView } from "../frame/view.ts";
import { firstColumns, sentenceColumn, trafficColumns } from "../list/columns.tsx";
import { ListPage } from "../list/list-page.tsx";
import { externalsQuery } from "../list/queries.ts";
import { Empty } from "../notes/notes.tsx";
import { Calm } from "../table/calm.tsx";
import type { Column } from "../table/columns.ts";

const bytes = (e: ExternalItem) => e.bytes.sent + e.bytes.received;

const columns: readonly Column<ExternalItem>[] = [
  ...firstColumns<ExternalItem>("Host", (e) => e.host),
  {
    id: "entry",
    title: "ServiceEntry",
    width: "180px",
    sort: (e) => e.entry?.name,
    cell: (e) => (e.entry ? <span className="mono">{e.entry.name}</span> : <span className="quiet">none</span>),
  },
  {
    id: "callers",
    title: "Callers",
    hint: "Workloads that call it",
    number: true,
    width: "80px",
    sort: (e) => e.callers.length,
    cell: (e) => <Calm zero={e.callers.length === 0}>{e.callers.length}</Calm>,
  },
  ...trafficColumns<ExternalItem>((e) => e.outbound, "To it"),
  {
    id: "bytes",
    title: "Bytes",
    hint: "Both ways",
    number: true,
    width: "92px",
    sort: bytes,
    cell: (e) => <Calm zero={bytes(e) === 0}>{byteRate(bytes(e))}</Calm>,
  },
  sentenceColumn(),
];

const keyOf = (e: ExternalItem) => e.host;
const textOf = (e: ExternalItem) => [e.host, e.entry?.name ?? "none", e.health, e.sentence, ...e.callers].join(" ");

/** Hosts outside of the mesh that somebody calls, or that a ServiceEntry names. */
export function ExternalsPage(): ReactElement {
  const query = useQuery(externalsQuery(useView().window));
  const navigate = useNavigate();
  const { _splat: host } = useParams({ strict: false });
  return (
    <ListPage
      label="Outside"
      query={query}
      rows={query.data}
      columns={columns}
      rowKey={keyOf}
      rowText={textOf}
      selected={host}
      onOpen={(e) => void navigate({ to: "/outside/host/$", params: { _splat: e.host }, search: true })}
      cli="npx weft get serviceentry"
      empty={
        <Empty title="Nobody calls outside" command="npx weft get serviceentry">
          Here stands every host outside of the mesh that a workload calls, by the name that it asked for, and every
          host that a ServiceEntry names.
        </Empty>
      }
    />
  );
}
