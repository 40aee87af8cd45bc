import type { Graph, GraphNode } from "../../../src/api/contract/graph.ts";
import { percent, rate } from "../format/quantity.ts";
import type { Places } from "./placement.ts";
import { inboundRates, subtitleOf, titleOf } from "./plates.ts";

const directions: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Where an arrow key leads: the nearest node that way, with what lies off to the side counted three times. */
export function stepFrom(
  graph: Pick<Graph, "nodes">,
  places: Places,
  from: string | undefined,
  key: string,
): string | undefined {
  const direction = directions[key];
  const here = from === undefined ? undefined : places.get(from);
  if (!direction) return undefined;
  if (!here) return leftmost(graph.nodes, places);
  const [dx, dy] = direction;
  let best: string | undefined;
  let shortest = Number.POSITIVE_INFINITY;
  for (const node of graph.nodes) {
    const place = places.get(node.id);
    if (!place || node.id === from) continue;
    const ahead = (place.x - here.x) * dx + (place.y - here.y) * dy;
    const aside = Math.abs((place.x - here.x) * dy) + Math.abs((place.y - here.y) * dx);
    const far = ahead + aside * 3;
    if (ahead > 1 && aside <= ahead * 4 && far < shortest) {
      shortest = far;
      best = node.id;
    }
  }
  return best;
}

function leftmost(nodes: readonly GraphNode[], places: Places): string | undefined {
  return nodes.toSorted((a, b) => (places.get(a.id)?.x ?? 0) - (places.get(b.id)?.x ?? 0))[0]?.id;
}

/** A node for those who hear it: `reviews, v2, failing, receives 12/s, 41% of it fails; calls ratings`. */
export function spoken(node: GraphNode, graph: Graph): string {
  const inbound = inboundRates(graph.edges).get(node.id) ?? 0;
  const failed = graph.edges.filter((e) => e.target === node.id).reduce((sum, e) => sum + e.rate * e.errorShare, 0);
  const names = new Map(graph.nodes.map((n) => [n.id, titleOf(n)]));
  const calls = [
    ...new Set(graph.edges.filter((e) => e.source === node.id).map((e) => names.get(e.target) ?? e.target)),
  ];
  const traffic =
    inbound > 0
      ? `receives ${rate(inbound)}${failed > 0 ? `, ${percent(failed / inbound)} of it fails` : ""}`
      : "receives nothing";
  const parts = [titleOf(node), subtitleOf(node), node.health, traffic].filter(Boolean).join(", ");
  return calls.length > 0 ? `${parts}; calls ${calls.join(", ")}` : parts;
}
