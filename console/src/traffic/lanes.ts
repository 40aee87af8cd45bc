import type { GraphEdge } from "../../../src/api/contract/graph.ts";

const apart = 12;

/** Edges between the same two nodes run beside each other: for each its distance from the middle. */
export function lanesOf(edges: readonly Pick<GraphEdge, "id" | "source" | "target">[]): ReadonlyMap<string, number> {
  const lanes = new Map<string, number>();
  for (const group of Map.groupBy(edges, (e) => [e.source, e.target].toSorted().join("\n")).values()) {
    for (const [i, edge] of group.entries()) lanes.set(edge.id, (i - (group.length - 1) / 2) * apart);
  }
  return lanes;
}

/** How many pairs of nodes talk, one to the other. */
export function pairsOf({ edges }: { readonly edges: readonly Pick<GraphEdge, "source" | "target">[] }): number {
  return new Set(edges.map((e) => `${e.source}\n${e.target}`)).size;
}
