import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Graph, GraphEdge } from "../../../src/api/contract/graph.ts";
import { configQuery } from "../api/queries.ts";
import { Charts } from "../charts/charts.tsx";
import { Drawer, Part } from "../drawer/drawer.tsx";
import { count, percent, rate } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { Icon } from "../icons/icon.tsx";
import { CodesAndFlags } from "./codes.tsx";
import { EdgeFigures } from "./figures.tsx";
import { nameOf } from "./plates.ts";
import { useSeriesView, useTraffic } from "./queries.ts";
import { waysOfEdge } from "./read-on.ts";
import { stateOf } from "./strength.ts";
import { TracesPart } from "./traces-part.tsx";
import { WayLinks } from "./way-links.tsx";

const route = getRouteApi("/traffic/edge/$");
const protocols: Readonly<Record<GraphEdge["protocol"], string>> = { http: "HTTP", grpc: "gRPC", tcp: "TCP" };

/** An edge of the graph: who calls whom, how often, how well, how safely. */
export function EdgeDrawer(): ReactElement {
  const { _splat: id = "" } = route.useParams();
  const graph = useTraffic().data;
  const view = useSeriesView();
  const edge = graph?.edges.find((e) => e.id === id);
  if (!graph || !edge) {
    return (
      <Drawer title="No such traffic" label={id} back="/traffic">
        {graph && <p className="part quiet">Nothing flowed here in this time. Choose a longer time range.</p>}
      </Drawer>
    );
  }
  const names = [edge.source, edge.target].map((end) => called(end, graph));
  const title = (
    <>
      <HealthMark health={stateOf(edge)} />
      <span className="mono">{names[0]}</span> <Icon name="right" size={14} /> <span className="mono">{names[1]}</span>
    </>
  );
  return (
    <Drawer
      title={title}
      label={`Traffic from ${names[0]} to ${names[1]}`}
      under={`${protocols[edge.protocol]} to ${edge.service || count(Object.keys(edge.hosts ?? {}).length, "service")}`}
      back="/traffic"
    >
      <Part title={edge.protocol === "tcp" ? "Connections" : "Requests"}>
        <EdgeFigures edge={edge} />
        <CodesAndFlags edge={edge} />
      </Part>
      <Part title="Over time">
        <Charts of={{ edge: edge.id }} tcp={edge.protocol === "tcp"} view={view} />
      </Part>
      <TracesPart
        ways={waysOfEdge(
          edge,
          graph.nodes.find((n) => n.id === edge.target),
        )}
      />
      <Hosts edge={edge} />
      <Part title="Encryption">
        <p className="quiet">{safety(edge)}</p>
        {edge.principals && <Principals of={edge.principals} />}
      </Part>
      <Ends edge={edge} graph={graph} />
    </Drawer>
  );
}

/** What was asked for, where that is more than one host. */
function Hosts({ edge }: { readonly edge: GraphEdge }): ReactElement | null {
  const hosts = Object.entries(edge.hosts ?? {}).toSorted(([, a], [, b]) => b - a);
  if (hosts.length < 2) return null;
  return (
    <Part title="Hosts">
      <table className="small-table">
        <tbody>
          {hosts.map(([host, perSecond]) => (
            <tr key={host}>
              <td className="mono">{host}</td>
              <td className="number">{rate(perSecond)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Part>
  );
}

function Principals({ of }: { readonly of: NonNullable<GraphEdge["principals"]> }): ReactElement {
  const lines = [
    ["Caller", of.source],
    ["Callee", of.target],
  ] as const;
  return (
    <dl className="facts principals">
      {lines.map(
        ([who, ids]) =>
          ids.length > 0 && (
            <div key={who}>
              <dt>{who}</dt>
              <dd className="mono">{ids.join(", ")}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

function called(id: string, graph: Graph): string {
  const node = graph.nodes.find((n) => n.id === id);
  return node ? nameOf(node) : id;
}

function safety(edge: GraphEdge): string {
  if (edge.rate <= 0) return "Nothing flows, so nothing is known of it.";
  if (edge.mtlsShare >= 0.9995) return "All of it goes through mutual TLS: both sides have shown a certificate.";
  if (edge.mtlsShare <= 0)
    return "None of it goes through mutual TLS: one side has no proxy, or a DestinationRule or PeerAuthentication turns it off.";
  return `${percent(edge.mtlsShare)} of it goes through mutual TLS, the rest in plain text.`;
}

function Ends({ edge, graph }: { readonly edge: GraphEdge; readonly graph: Graph }): ReactElement {
  const config = useQuery(configQuery).data ?? [];
  const [service = "", namespace = ""] = edge.service.split(".");
  const related = config
    .filter((c) => c.name === service && (c.namespace === namespace || c.namespace === ""))
    .slice(0, 6);
  return (
    <Part title="Read on">
      <ul>
        {[edge.source, edge.target].map((end) => (
          <li key={end}>
            <Link to="/traffic/node/$" params={{ _splat: end }} search={true}>
              Traffic of {called(end, graph)}
            </Link>
          </li>
        ))}
        <WayLinks
          ways={waysOfEdge(
            edge,
            graph.nodes.find((n) => n.id === edge.target),
          )}
        />
        {related.map((c) => (
          <li key={`${c.type}/${c.name}`}>
            <Link
              to="/config/$type/$namespace/$name"
              params={{ type: c.type, namespace: c.namespace || "-", name: c.name }}
              search={true}
            >
              {c.kind} {c.name}
            </Link>{" "}
            <span className="quiet mono">{c.at}</span>
          </li>
        ))}
      </ul>
    </Part>
  );
}
