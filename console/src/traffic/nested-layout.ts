import type { ELK, ElkNode } from "elkjs/lib/elk-api";
import type { Graph, GraphNode } from "../../../src/api/contract/graph.ts";
import { type Point, plate, plateWidth } from "./geometry.ts";
import type { Places } from "./placement.ts";
import { appKey } from "./spaces.ts";

/** What nodes are boxed by. */
export interface Boxes {
  readonly namespaces: boolean;
  readonly apps: boolean;
}

export const noBoxes: Boxes = { namespaces: false, apps: false };

const paddings = {
  namespace: "[top=44,left=28,bottom=28,right=28]",
  app: "[top=30,left=16,bottom=16,right=16]",
} as const;

/** Boxes with what is around them; network simplex keeps a box beside the middle of who calls into it. */
const inBoxes = {
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.nodePlacement.networkSimplex.nodeFlexibility.default": "NONE",
} as const;

/** Places of nodes in boxes, which are laid out with what leads from one into another. */
export async function nestedLayout(
  net: Pick<Graph, "nodes" | "edges">,
  boxes: Boxes,
  elk: () => Promise<ELK>,
  options: Readonly<Record<string, string>>,
): Promise<Places> {
  const known = new Set(net.nodes.map((n) => n.id));
  const pairs = new Map(
    net.edges.filter((e) => known.has(e.source) && known.has(e.target)).map((e) => [`${e.source}\n${e.target}`, e]),
  );
  const done = await (await elk()).layout({
    id: "root",
    layoutOptions: { ...options, ...inBoxes, "elk.aspectRatio": "1.6" },
    children: [...treeOf(net.nodes, boxes)],
    edges: [...pairs.values()].map((e) => ({ id: e.id, sources: [e.source], targets: [e.target] })),
  });
  return new Map(flattened(done.children ?? [], { x: 0, y: 0 }, known));
}

function treeOf(nodes: readonly GraphNode[], boxes: Boxes): readonly ElkNode[] {
  const spaces = Map.groupBy(nodes, (n) => (boxes.namespaces ? n.namespace : ""));
  return [...spaces].flatMap(([space, inside]) => {
    const children = appsIn(inside, boxes.apps);
    return space === "" ? children : [box(`namespace ${space}`, children, paddings.namespace)];
  });
}

function appsIn(nodes: readonly GraphNode[], boxed: boolean): ElkNode[] {
  const sorted = nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  if (!boxed) return sorted.map(leaf);
  return [...Map.groupBy(sorted, appKey)].flatMap(([key, same]) =>
    key === "" || same.length < 2 ? same.map(leaf) : [box(`app ${key}`, same.map(leaf), paddings.app)],
  );
}

function leaf(node: GraphNode): ElkNode {
  return { id: node.id, width: plateWidth(node), height: plate.height };
}

function box(id: string, children: ElkNode[], padding: string): ElkNode {
  return { id, children, layoutOptions: { "elk.padding": padding } };
}

/** Middles of the leaves, in coordinates of the whole. */
function flattened(
  children: readonly ElkNode[],
  corner: Point,
  known: ReadonlySet<string>,
): readonly (readonly [string, Point])[] {
  return children.flatMap((child) => {
    const at = { x: corner.x + (child.x ?? 0), y: corner.y + (child.y ?? 0) };
    if (!known.has(child.id)) return flattened(child.children ?? [], at, known);
    return [[child.id, { x: at.x + (child.width ?? 0) / 2, y: at.y + (child.height ?? 0) / 2 }] as const];
  });
}
