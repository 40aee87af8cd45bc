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

/** Nodes that stand one below the other: versions of one app, or a single node. */
interface Unit {
  readonly id: string;
  readonly namespace: string;
  readonly nodes: readonly GraphNode[];
}

const whole = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.aspectRatio": "1.6",
} as const;
const padding = "[top=36,left=28,bottom=28,right=28]";
const gap = 20;
const frame = { side: 12, top: 24 };

/** Places of nodes in boxes: each app a column of its versions, namespaces around them, left to right by who calls whom. */
export async function nestedLayout(
  net: Pick<Graph, "nodes" | "edges">,
  boxes: Boxes,
  elk: () => Promise<ELK>,
  options: Readonly<Record<string, string>>,
): Promise<Places> {
  const units = unitsOf(net.nodes, boxes.apps);
  const home = new Map(units.flatMap((u) => u.nodes.map((n) => [n.id, u.id] as const)));
  const done = await (await elk()).layout({
    id: "root",
    layoutOptions: { ...inside(options), ...whole },
    children: childrenOf(units, boxes.namespaces, options),
    edges: linesOf(net, home),
  });
  const corners = new Map(cornersOf(done.children ?? [], { x: 0, y: 0 }));
  return new Map(units.flatMap((unit) => column(unit, corners.get(unit.id) ?? { x: 0, y: 0 })));
}

function unitsOf(nodes: readonly GraphNode[], boxed: boolean): readonly Unit[] {
  const sorted = nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const groups = Map.groupBy(sorted, (n) => (boxed && appKey(n)) || n.id);
  return [...groups].map(([key, same]) => ({ id: `unit ${key}`, namespace: same[0]?.namespace ?? "", nodes: same }));
}

/** Spacing and placement; elk fails where the order of nodes is asked for in a box, too. */
function inside(options: Readonly<Record<string, string>>): Record<string, string> {
  const own = /spacing|nodePlacement/;
  return Object.fromEntries(Object.entries(options).filter(([name]) => own.test(name)));
}

/** A box does not inherit the options of the whole. */
function childrenOf(units: readonly Unit[], boxed: boolean, options: Readonly<Record<string, string>>): ElkNode[] {
  const spaces = Map.groupBy(units, (u) => (boxed ? u.namespace : ""));
  return [...spaces].flatMap(([space, within]): ElkNode[] => {
    const children = within.map((unit) => ({ id: unit.id, ...sizeOf(unit) }));
    if (space === "") return children;
    return [{ id: `space ${space}`, children, layoutOptions: { ...inside(options), "elk.padding": padding } }];
  });
}

function sizeOf({ nodes }: Unit): { readonly width: number; readonly height: number } {
  const width = Math.max(...nodes.map(plateWidth));
  const height = nodes.length * plate.height + (nodes.length - 1) * gap;
  return nodes.length < 2 ? { width, height } : { width: width + 2 * frame.side, height: height + 2 * frame.top };
}

/** One line between two units, however many edges lead from one to the other. */
function linesOf({ edges }: Pick<Graph, "edges">, home: ReadonlyMap<string, string>): NonNullable<ElkNode["edges"]> {
  const pairs = new Map<string, readonly [string, string]>();
  for (const { source, target } of edges) {
    const [from, to] = [home.get(source), home.get(target)];
    if (from !== undefined && to !== undefined && from !== to) pairs.set(`${from}\n${to}`, [from, to]);
  }
  return [...pairs].map(([id, [from, to]]) => ({ id, sources: [from], targets: [to] }));
}

/** Upper left corners of units, in coordinates of the whole. */
function cornersOf(children: readonly ElkNode[], corner: Point): readonly (readonly [string, Point])[] {
  return children.flatMap((child) => {
    const at = { x: corner.x + (child.x ?? 0), y: corner.y + (child.y ?? 0) };
    return child.children ? cornersOf(child.children, at) : [[child.id, at] as const];
  });
}

function column(unit: Unit, corner: Point): readonly (readonly [string, Point])[] {
  const { width } = sizeOf(unit);
  const top = corner.y + (unit.nodes.length < 2 ? 0 : frame.top) + plate.height / 2;
  return unit.nodes.map(
    (node, i) => [node.id, { x: corner.x + width / 2, y: top + i * (plate.height + gap) }] as const,
  );
}
