import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Graph, GraphEdge } from "../../../src/api/contract/graph.ts";
import { byteRate, latency, percent, rate } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { nameOf } from "./plates.ts";
import { stateOf } from "./strength.ts";

interface EdgeTableProps {
  readonly edges: readonly GraphEdge[];
  readonly graph: Graph;
  /** Which end of each edge is named. */
  readonly side: "source" | "target";
}

/** Edges as lines of a table, each a way to its own drawer; worst first. */
export function EdgeTable({ edges, graph, side }: EdgeTableProps): ReactElement {
  const rows = edges.toSorted((a, b) => b.errorShare - a.errorShare || b.rate - a.rate);
  return (
    <table className="small-table">
      <thead>
        <tr>
          <th scope="col">{side === "source" ? "From" : "To"}</th>
          <th scope="col" className="number">
            Rate
          </th>
          <th scope="col" className="number">
            Failed
          </th>
          <th scope="col" className="number">
            p95
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((edge) => {
          const node = graph.nodes.find((n) => n.id === edge[side]);
          const tcp = edge.protocol === "tcp";
          return (
            <tr key={edge.id}>
              <td>
                <HealthMark health={stateOf(edge)} />{" "}
                <Link to="/traffic/edge/$" params={{ _splat: edge.id }} search={true}>
                  {node ? nameOf(node) : edge[side]}
                </Link>
              </td>
              <td className="number">{rate(edge.rate)}</td>
              <td className="number">{tcp ? "–" : percent(edge.errorShare)}</td>
              <td className="number">{tcp ? byteRate(edge.bytesReceivedRate) : latency(edge.p95)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
