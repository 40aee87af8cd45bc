import type { Graph } from "../../../../src/api/contract/graph.ts";

/** Nodes by how many edges lead to them (or from them): 1 for the most; those with as many share a rank. At most 100 ranks. */
export function ranksOf(
  graph: Pick<Graph, "nodes" | "edges">,
  by: "inbound" | "outbound" = "inbound",
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { source, target } of graph.edges) {
    const id = by === "inbound" ? target : source;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const scores = [...new Set(graph.nodes.map((n) => counts.get(n.id) ?? 0))].sort((a, b) => b - a);
  const places = new Map(scores.map((score, i) => [score, i + 1]));
  const most = scores.length;
  const squeeze = (place: number) => (most <= 100 ? place : Math.ceil(1 + ((place - 1) * 99) / (most - 1)));
  return new Map(graph.nodes.map((n) => [n.id, squeeze(places.get(counts.get(n.id) ?? 0) ?? 1)]));
}
