import type { Graph, GraphEdge, GraphNode } from "../../../src/api/contract/graph.ts";
import { empty } from "./large.ts";
import { edgeOf, nodeOf, type Scenario } from "./world.ts";

const spaces = 100;
const each = 50;
const most = 600;

const space = (i: number) => `team-${String(i % spaces).padStart(2, "0")}`;
const id = (s: number, i: number) => `workload/${space(s)}/app-${i % each}`;

const shorts = Array.from({ length: spaces }, (_, s) =>
  Array.from({ length: each }, (_, i) =>
    [
      ...(i < 40 ? [id(s, i + 10), id(s, ((i * 7) % 40) + 10)] : []),
      ...(i === 45 ? [id(s + 1, 0), id(s * 3 + 7, 1)] : []),
    ].map((to) => ({
      from: id(s, i),
      to,
      service: "s",
      rate: 1 + ((i * 31 + s * 17) % 40),
      p50: 3 + (i % 9),
      ...(i === 13 && s % 9 === 0 ? { errors: 0.2 } : {}),
    })),
  ),
).flat(2);

/** 5,000 workloads in a hundred namespaces; more than a graph shows at once. */
export const huge: Scenario = (at) => {
  const world = empty(at);
  const nodes = Array.from({ length: spaces * each }, (_, n) =>
    nodeOf({
      name: `app-${n % each}`,
      namespace: space(Math.floor(n / each)),
      health: n % 700 === 13 ? "failing" : "healthy",
    }),
  );
  const graph = { at, window: 60, nodes, edges: shorts.filter((e) => e.from !== e.to).map((e) => edgeOf(e, at)) };
  return { ...world, mesh: { ...world.mesh, name: "huge" }, graph };
};

/** What the control plane does with a graph of too many nodes: namespaces stand for what is in them, but those that are opened. */
export function folded(graph: Graph, opened: readonly string[]): Graph {
  if (graph.nodes.length <= most) return graph;
  const home = (nodeId: string) => {
    const namespace = nodeId.split("/")[1] ?? "";
    return opened.includes(namespace) ? nodeId : `namespace/${namespace}`;
  };
  const closed = [...Map.groupBy(graph.nodes, (n) => n.namespace)].filter(([name]) => !opened.includes(name));
  const plates = closed.map(
    ([name, inside]): GraphNode => ({
      ...nodeOf({ name, namespace: name, health: inside.some((n) => n.health === "failing") ? "failing" : "healthy" }),
      id: `namespace/${name}`,
      type: "namespace",
      members: inside.length,
    }),
  );
  const sums = new Map<string, GraphEdge>();
  for (const edge of graph.edges) {
    const [source, target] = [home(edge.source), home(edge.target)];
    if (source === target) continue;
    const key = `${source}>${target}`;
    const before = sums.get(key);
    sums.set(key, { ...edge, id: key, source, target, rate: edge.rate + (before?.rate ?? 0) });
  }
  const shown = graph.nodes.filter((n) => opened.includes(n.namespace));
  const names = closed.map(([name]) => name);
  return {
    ...graph,
    nodes: [...shown, ...plates],
    edges: [...sums.values()],
    folded: { nodes: graph.nodes.length, namespaces: names },
  };
}
