import type { Graph, GraphNode } from "../contract/graph.ts";
import type { MeasuredEdge } from "../edges.ts";
import { worse } from "../health.ts";
import { mergedEdge } from "./merge.ts";

/** Nodes and edges before they are plain. */
export interface Whole {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly MeasuredEdge[];
}

export interface Folded extends Whole {
  readonly folded?: NonNullable<Graph["folded"]>;
}

/** Nodes of one namespace that are shown, where it is opened. */
const mostOpen = 400;

/**
 * A graph of more nodes than `limit` shows each namespace as one plate, with the sums of what flows in and out; but a namespace that is `opened` shows its
 * nodes, those with the most trouble and traffic first, and a plate for the rest of them.
 */
export function foldedGraph(whole: Whole, limit: number, opened: ReadonlySet<string>): Folded {
  if (whole.nodes.length <= limit) return whole;
  const traffic = new Map<string, number>();
  for (const { source, target, rate } of whole.edges)
    for (const id of [source, target]) traffic.set(id, (traffic.get(id) ?? 0) + rate);
  const plates = new Map<string, GraphNode[]>();
  const kept: GraphNode[] = [];
  for (const [namespace, nodes] of Map.groupBy(whole.nodes, placeOf)) {
    const shown = opened.has(namespace) || namespace === "" ? mostWorth(nodes, traffic) : [];
    const ids = new Set(shown.map((n) => n.id));
    kept.push(...shown);
    const rest = nodes.filter((n) => !ids.has(n.id));
    if (rest.length > 0) plates.set(namespace, rest);
  }
  const home = new Map([...plates].flatMap(([ns, nodes]) => nodes.map((n) => [n.id, plateId(ns)] as const)));
  return {
    nodes: [...kept, ...[...plates].map(([namespace, nodes]) => plate(namespace, nodes))],
    edges: merged(whole.edges, home),
    folded: { nodes: whole.nodes.length, namespaces: [...plates.keys()].filter((n) => n !== "").sort() },
  };
}

/** Outside hosts and unknown callers have no namespace. */
function placeOf(node: GraphNode): string {
  return node.namespace;
}

function plateId(namespace: string): string {
  return namespace === "" ? "external/other hosts" : `namespace/${namespace}`;
}

function mostWorth(nodes: readonly GraphNode[], traffic: ReadonlyMap<string, number>): readonly GraphNode[] {
  if (nodes.length <= mostOpen) return nodes;
  const trouble = (n: GraphNode) => (n.health === "failing" ? 2 : n.health === "degraded" ? 1 : 0);
  return nodes
    .toSorted((a, b) => trouble(b) - trouble(a) || (traffic.get(b.id) ?? 0) - (traffic.get(a.id) ?? 0))
    .slice(0, mostOpen);
}

function plate(namespace: string, nodes: readonly GraphNode[]): GraphNode {
  const name = namespace === "" ? "other hosts" : namespace;
  return {
    id: plateId(namespace),
    type: namespace === "" ? "external" : "namespace",
    namespace,
    name,
    app: name,
    version: "",
    health: nodes.map((n) => n.health).reduce(worse, "healthy"),
    inMesh: namespace !== "",
    members: nodes.length,
  };
}

/** What stays inside of one plate is no edge any more. */
function merged(edges: readonly MeasuredEdge[], home: ReadonlyMap<string, string>): readonly MeasuredEdge[] {
  const groups = new Map<string, { source: string; target: string; edges: MeasuredEdge[] }>();
  const whole: MeasuredEdge[] = [];
  for (const edge of edges) {
    const [source, target] = [home.get(edge.source) ?? edge.source, home.get(edge.target) ?? edge.target];
    if (source === edge.source && target === edge.target) whole.push(edge);
    else if (source !== target) {
      const id = [source, target, edge.protocol, ""].join(">");
      const group = groups.get(id) ?? { source, target, edges: [] };
      group.edges.push(edge);
      groups.set(id, group);
    }
  }
  return [...whole, ...[...groups].map(([id, { edges: all, ...ends }]) => mergedEdge({ id, ...ends }, all))];
}
