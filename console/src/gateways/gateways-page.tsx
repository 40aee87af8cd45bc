import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { GatewayItem } from "../../../src/api/contract/inventory.ts";
import { span } from "../format/quantity.ts";
import { firstColumns, namespaceColumn, sentenceColumn, trafficColumns } from "../list/columns.tsx";
import { ListPage } from "../list/list-page.tsx";
import { gatewaysQuery } from "../list/queries.ts";
import { useListed } from "../list/use-listed.ts";
import { Empty } from "../notes/notes.tsx";
import type { Column } from "../table/columns.ts";
import { firstToEnd, hostsOf, portsOf } from "./servers.ts";

const columns: readonly Column<GatewayItem>[] = [
  ...firstColumns<GatewayItem>("Gateway", (g) => g.name),
  namespaceColumn(),
  {
    id: "hosts",
    title: "Hosts",
    width: "160px",
    most: 320,
    sort: (g) => hostsOf(g).join(" "),
    cell: (g) => (
      <span className="mono" title={hostsOf(g).join("\n")}>
        {hostsOf(g).join(", ") || "–"}
      </span>
    ),
  },
  {
    id: "ports",
    title: "Ports",
    width: "104px",
    yields: 2,
    sort: (g) => portsOf(g)[0],
    cell: (g) => <span className="mono">{portsOf(g).join(", ") || "–"}</span>,
  },
  {
    id: "certificate",
    title: "Certificate",
    hint: "Time until the first certificate that it shows ends",
    number: true,
    width: "96px",
    yields: 1,
    sort: firstToEnd,
    cell: (g) => {
      const at = firstToEnd(g);
      return at === undefined ? "–" : at < Date.now() ? <span className="bad">ended</span> : span(at - Date.now());
    },
  },
  {
    id: "proxies",
    title: "Proxies",
    hint: "Connected, of all",
    number: true,
    width: "80px",
    sort: (g) => g.proxies.connected,
    cell: (g) => `${g.proxies.connected}/${g.proxies.total}`,
  },
  ...trafficColumns<GatewayItem>((g) => g.inbound),
  sentenceColumn(),
];

const keyOf = (g: GatewayItem) => `${g.namespace}/${g.name}`;
const textOf = (g: GatewayItem) => [g.name, g.namespace, g.health, g.sentence, ...hostsOf(g), ...portsOf(g)].join(" ");

/** Every proxy at the border, with the hosts that it opens to the outside. */
export function GatewaysPage(): ReactElement {
  const { query, rows, selected } = useListed(gatewaysQuery);
  const navigate = useNavigate();
  return (
    <ListPage
      label="Gateways"
      query={query}
      rows={rows}
      columns={columns}
      rowKey={keyOf}
      rowText={textOf}
      selected={selected}
      onOpen={({ namespace, name }) =>
        void navigate({ to: "/gateways/$namespace/$name", params: { namespace, name }, search: true })
      }
      cli="npx weft get gateway"
      empty={
        <Empty title="No gateways" command="npx weft apply -f gateway.yaml">
          Here stands every proxy at the border of the mesh, with hosts, ports and certificates. A Gateway object, of
          Istio's kind or of Gateway API's, opens one.
        </Empty>
      }
    />
  );
}
