import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Graph, GraphEdge, GraphNode } from "../../../src/api/contract/graph.ts";
import { configQuery, workloadsQuery } from "../api/queries.ts";
import { Charts } from "../charts/charts.tsx";
import { Drawer, Part } from "../drawer/drawer.tsx";
import { count } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { badges, badgesOf } from "./badges.ts";
import { CodesAndFlags } from "./codes.tsx";
import { EdgeTable } from "./edge-table.tsx";
import { EdgeFigures } from "./figures.tsx";
import { OutsidePart } from "./outside-part.tsx";
import { nameOf, subtitleOf } from "./plates.ts";
import { useSeriesView, useTraffic } from "./queries.ts";
import { waysOfNode } from "./read-on.ts";
import { summed } from "./sums.ts";
import { TracesPart } from "./traces-part.tsx";
import { WayLinks } from "./way-links.tsx";

const route = getRouteApi("/traffic/node/$");

/** A node of the graph: what comes in, from whom, what it calls, and where to read on. */
export function NodeDrawer(): ReactElement {
  const { _splat: id = "" } = route.useParams();
  const graph = useTraffic().data;
  const node = graph?.nodes.find((n) => n.id === id);
  if (!graph || !node) {
    return (
      <Drawer title={id} label={id} back="/traffic">
        {graph && (
          <p className="part quiet">
            No traffic of {id} in this time. Choose a longer time range, or look for it under Workloads.
          </p>
        )}
      </Drawer>
    );
  }
  const title = (
    <>
      <HealthMark health={node.health} />
      <span className="mono">{nameOf(node)}</span>
    </>
  );
  return (
    <Drawer title={title} label={`Traffic of ${nameOf(node)}`} under={<Under node={node} />} back="/traffic">
      <Body node={node} graph={graph} />
    </Drawer>
  );
}

function Under({ node }: { readonly node: GraphNode }): ReactElement {
  const workload = useQuery(workloadsQuery).data?.find((w) => w.id === node.id);
  return (
    <>
      {[subtitleOf(node), node.namespace && `in ${node.namespace}`].filter(Boolean).join(", ")}
      {workload && <span className="sentence">{workload.sentence}</span>}
    </>
  );
}

function Body({ node, graph }: { readonly node: GraphNode; readonly graph: Graph }): ReactElement {
  const inbound = graph.edges.filter((e) => e.target === node.id);
  const outbound = graph.edges.filter((e) => e.source === node.id);
  const shown = inbound.length > 0 ? inbound : outbound;
  const sum = summed(shown);
  const view = useSeriesView();
  return (
    <>
      {sum && (
        <Part title={inbound.length > 0 ? "Receives" : "Sends"}>
          <EdgeFigures edge={sum} />
          <CodesAndFlags edge={sum} />
        </Part>
      )}
      <Part title="Over time">
        <Charts of={{ node: node.id }} tcp={sum?.protocol === "tcp"} view={view} />
      </Part>
      <TracesPart ways={waysOfNode(node)} />
      {inbound.length > 0 && (
        <Part title="Called by">
          <EdgeTable edges={inbound} graph={graph} side="source" />
        </Part>
      )}
      {outbound.length > 0 && (
        <Part title="Calls">
          <EdgeTable edges={outbound} graph={graph} side="target" />
        </Part>
      )}
      <OutsidePart node={node} edges={inbound} />
      <Traits node={node} />
      <ReadOn node={node} edges={inbound} />
    </>
  );
}

/** What configuration does to calls of it, and which hosts a gateway lets in. */
function Traits({ node }: { readonly node: GraphNode }): ReactElement | null {
  const all = badgesOf(node).filter((b) => b !== "gateway");
  if (all.length === 0 && !node.hostnames) return null;
  return (
    <Part title={node.hostnames ? "Lets in" : "Configured"}>
      <div className="trait-list">
        {node.hostnames?.map((host) => (
          <span key={host} className="chip mono">
            {host}
          </span>
        ))}
        {all.map((badge) => (
          <span key={badge} className="chip">
            {badges[badge].words}
          </span>
        ))}
      </div>
    </Part>
  );
}

/** Links to the workload, and to the configuration that bears on it. */
function ReadOn({
  node,
  edges,
}: {
  readonly node: GraphNode;
  readonly edges: readonly GraphEdge[];
}): ReactElement | null {
  const workload = useQuery(workloadsQuery).data?.find((w) => w.id === node.id);
  const config = useQuery(configQuery).data ?? [];
  const names = new Set([node.app, ...edges.map((e) => e.service.split(".")[0] ?? "")]);
  const related = config
    .filter((c) => (c.namespace === node.namespace || c.namespace === "") && names.has(c.name))
    .slice(0, 8);
  const ways = waysOfNode(node);
  if (!workload && related.length === 0 && ways.length === 0) return null;
  return (
    <Part title="Read on">
      <ul>
        {workload && (
          <li>
            <Link to="/workloads/$namespace/$name" params={workload} search={true}>
              Workload {workload.name}
            </Link>{" "}
            <span className="quiet">{count(workload.proxies.length, "proxy", "proxies")}</span>
          </li>
        )}
        <WayLinks ways={ways} />
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
