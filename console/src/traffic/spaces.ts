import type { Graph, GraphNode } from "../../../src/api/contract/graph.ts";
import type { Health } from "../../../src/api/contract/health.ts";
import { count, percent, rate } from "../format/quantity.ts";
import { healthRank } from "../health/health-mark.tsx";
import { around } from "./geometry.ts";
import type { Places } from "./placement.ts";
import type { SpaceLook } from "./plates.ts";

/** Below this zoom, and from this many nodes on, namespaces are shown instead of what is in them. */
export const spacesBelow = 0.36;
export const spacesFrom = 40;

/** Each namespace as a plate around its nodes, with the sums of what comes in. */
export function spacesOf(graph: Graph, places: Places): readonly SpaceLook[] {
  const home = new Map(graph.nodes.map((n) => [n.id, n.namespace]));
  const inbound = Map.groupBy(graph.edges, (e) => home.get(e.target) ?? "");
  const nodesIn = Map.groupBy(
    graph.nodes.filter((n) => n.type !== "namespace"),
    (n) => n.namespace,
  );
  return [...nodesIn].flatMap(([name, nodes]) => {
    const box = around(
      nodes.flatMap((n) => places.get(n.id) ?? []),
      24,
    );
    if (!box || name === "") return [];
    const edges = inbound.get(name) ?? [];
    const sum = edges.reduce((total, e) => total + e.rate, 0);
    const failed = edges.reduce((total, e) => total + e.rate * e.errorShare, 0);
    const health =
      nodes.map((n) => n.health).toSorted((a, b) => healthRank[a] - healthRank[b])[0] ?? ("unknown" satisfies Health);
    const text = `${count(nodes.length, "workload")}\n${rate(sum)}\n${percent(sum > 0 ? failed / sum : 0)} errors`;
    return [{ name, box, health, text }];
  });
}

/** Apps of which several nodes stand there, each in a frame of its own. */
export function appFramesOf(graph: Pick<Graph, "nodes">, places: Places): readonly SpaceLook[] {
  return [...Map.groupBy(graph.nodes, appKey)].flatMap(([key, nodes]) => {
    const box =
      key === "" || nodes.length < 2
        ? undefined
        : around(
            nodes.flatMap((n) => places.get(n.id) ?? []),
            12,
          );
    return box ? [{ name: nodes[0]?.app ?? "", box, health: "unknown" as const, text: "" }] : [];
  });
}

/** What nodes of one app have in common; empty for those that have none. */
export function appKey(node: GraphNode): string {
  return node.type === "workload" || node.type === "app" ? `${node.namespace}/${node.app}` : "";
}
