import type { ELK, ElkNode } from "elkjs/lib/elk-api";
import type { Graph, GraphNode } from "../../../src/api/contract/graph.ts";
import { type Point, plate, plateWidth } from "./geometry.ts";
import { type Boxes, nestedLayout, noBoxes } from "./nested-layout.ts";
import type { Places } from "./placement.ts";

type Net = Pick<Graph, "nodes" | "edges">;

/** As many plates of namespaces are laid out by who calls whom; more stand in rows. */
const fewPlates = 24;

/** Boxes in boxes are laid out as one up to so many nodes; beyond, each for itself. */
const mostNested = 160;

/** From this many nodes on, namespaces are laid out each for itself and then as boxes. */
const boxedFrom = 40;
const margin = 36;
const headroom = 56;

const options: Readonly<Record<string, string>> = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.spacing.nodeNode": "36",
  "elk.spacing.componentComponent": "60",
  "elk.layered.spacing.nodeNodeBetweenLayers": "82",
  "elk.layered.spacing.edgeNodeBetweenLayers": "24",
  "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
  "elk.layered.nodePlacement.bk.fixedAlignment": "BALANCED",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.crossingMinimization.forceNodeModelOrder": "false",
};

let engine: Promise<ELK> | undefined;

/** elk and its worker are large, so they are fetched when a graph is first laid out. */
function elk(): Promise<ELK> {
  engine ??= Promise.all([import("elkjs/lib/elk-api"), import("elkjs/lib/elk-worker.min.js?url")]).then(
    ([{ default: Elk }, { default: url }]) => new Elk({ workerFactory: () => new Worker(url) }),
  );
  return engine;
}

/** Fetches the layout's worker, so that it is there when the graph's numbers are. */
export function warmUp(): void {
  elk().catch(() => {
    // said where a layout is asked for and fails
  });
}

/** Rows are drawn apart by at most this, to use the height of the view. */
const mostStretch = 1.9;

/**
 * Places for all nodes, left to right by who calls whom; in a worker.
 * @param aspect width of the view by its height.
 */
export async function layOut(net: Net, aspect: number, boxes: Boxes = noBoxes): Promise<Places> {
  const plates = net.nodes.filter((n) => n.type === "namespace");
  if (plates.length > fewPlates) return platesAndRest(net, plates, aspect, boxes);
  return stretched(await laidOut(net, boxes), aspect);
}

/** A layout that is flatter than the view gets its rows further apart: the view is filled, and labels find room. */
export function stretched(places: Places, aspect: number): Places {
  const { width, height } = toOrigin(places);
  const factor = Math.min(mostStretch, width / aspect / height);
  return factor > 1 ? new Map([...places].map(([id, p]) => [id, { x: p.x, y: p.y * factor }])) : places;
}

/** Rows of namespaces' plates, by name, so that one is found; what is opened stands right of them. */
async function platesAndRest(net: Net, plates: readonly GraphNode[], aspect: number, boxes: Boxes): Promise<Places> {
  const grid = gridOf(plates, aspect);
  const folded = new Set(plates.map((n) => n.id));
  const nodes = net.nodes.filter((n) => !folded.has(n.id));
  if (nodes.length === 0) return grid;
  const edges = net.edges.filter((e) => !folded.has(e.source) && !folded.has(e.target));
  const rest = toOrigin(await laidOut({ nodes, edges }, boxes));
  const left = toOrigin(grid).width + 160;
  return new Map([...grid, ...[...rest.places].map(([id, p]) => [id, { x: p.x + left, y: p.y }] as const)]);
}

/** Plates in rows, about as wide by as high as the view. */
export function gridOf(plates: readonly GraphNode[], aspect: number): Places {
  const [across, down] = [plate.width + 48, plate.height + 40];
  const columns = Math.max(1, Math.round(Math.sqrt((plates.length * aspect * down) / across)));
  const sorted = plates.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return new Map(
    sorted.map((n, i) => [
      n.id,
      { x: plate.width / 2 + (i % columns) * across, y: plate.height / 2 + Math.floor(i / columns) * down },
    ]),
  );
}

async function laidOut(net: Net, boxes: Boxes): Promise<Places> {
  if ((boxes.namespaces || boxes.apps) && net.nodes.length <= mostNested) return nestedLayout(net, boxes, elk, options);
  const spaces = Map.groupBy(net.nodes, (n) => n.namespace);
  return spaces.size > 1 && net.nodes.length >= boxedFrom ? boxed(net, [...spaces.keys()]) : flat(net);
}

async function flat(net: Net): Promise<Places> {
  const sizes = net.nodes
    .map((n) => ({ id: n.id, width: plateWidth(n), height: plate.height }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return run(sizes, net.edges);
}

/** Each namespace in a box of its own, and the boxes left to right. */
async function boxed(net: Net, spaces: readonly string[]): Promise<Places> {
  const home = new Map(net.nodes.map((n) => [n.id, n.namespace]));
  const inner = new Map<string, Places>();
  const boxes: { id: string; width: number; height: number }[] = [];
  for (const space of spaces) {
    const nodes = net.nodes.filter((n) => n.namespace === space);
    const places = await flat({
      nodes,
      edges: net.edges.filter((e) => home.get(e.source) === space && home.get(e.target) === space),
    });
    const shifted = toOrigin(places);
    inner.set(space, shifted.places);
    boxes.push({ id: space, width: shifted.width + 2 * margin, height: shifted.height + 2 * margin + headroom });
  }
  const between = net.edges
    .map((e) => ({ id: e.id, source: home.get(e.source) ?? "", target: home.get(e.target) ?? "" }))
    .filter((e) => e.source !== e.target);
  const corners = await run(boxes, between, {
    "elk.spacing.nodeNode": "160",
    "elk.layered.spacing.nodeNodeBetweenLayers": "420",
  });
  const all = new Map<string, Point>();
  for (const box of boxes) {
    const middle = corners.get(box.id) ?? { x: 0, y: 0 };
    const corner = { x: middle.x - box.width / 2 + margin, y: middle.y - box.height / 2 + margin + headroom };
    for (const [id, place] of inner.get(box.id) ?? []) all.set(id, { x: place.x + corner.x, y: place.y + corner.y });
  }
  return all;
}

function toOrigin(places: Places): { readonly places: Places; readonly width: number; readonly height: number } {
  const xs = [...places.values()].map((p) => p.x);
  const ys = [...places.values()].map((p) => p.y);
  const left = Math.min(...xs) - plate.width / 2;
  const top = Math.min(...ys) - plate.height / 2;
  const moved = new Map([...places].map(([id, p]) => [id, { x: p.x - left, y: p.y - top }]));
  return {
    places: moved,
    width: Math.max(...xs) + plate.width / 2 - left,
    height: Math.max(...ys) + plate.height / 2 - top,
  };
}

interface Line {
  readonly id: string;
  readonly source: string;
  readonly target: string;
}

async function run(
  sizes: readonly { id: string; width: number; height: number }[],
  lines: readonly Line[],
  over: Readonly<Record<string, string>> = {},
): Promise<Places> {
  const known = new Set(sizes.map((s) => s.id));
  const pairs = new Map(
    lines.filter((l) => known.has(l.source) && known.has(l.target)).map((l) => [`${l.source}\n${l.target}`, l]),
  );
  const graph: ElkNode = {
    id: "root",
    layoutOptions: { ...options, ...over, "elk.aspectRatio": "1.6" },
    children: sizes.map((s) => ({ ...s })),
    edges: [...pairs.values()].map((l) => ({ id: l.id, sources: [l.source], targets: [l.target] })),
  };
  const done = await (await elk()).layout(graph);
  return new Map(
    (done.children ?? []).map((c) => [
      c.id,
      { x: (c.x ?? 0) + (c.width ?? 0) / 2, y: (c.y ?? 0) + (c.height ?? 0) / 2 },
    ]),
  );
}
