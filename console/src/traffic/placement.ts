import type { Graph } from "../../../src/api/contract/graph.ts";
import { type Point, plate } from "./geometry.ts";

export type Places = ReadonlyMap<string, Point>;

/** From one plate's middle to the next: across and down. */
const across = plate.width + 82;
const down = plate.height + 36;

/**
 * Finds room for nodes that are new, near those they talk to, and moves nobody. A node whose callers are known stands right of them, one whose callees
 * are known left of them, any other below everything.
 */
export function placeNew(graph: Pick<Graph, "nodes" | "edges">, known: Places): Places {
  const places = new Map<string, Point>();
  for (const node of graph.nodes) {
    const place = known.get(node.id);
    if (place) places.set(node.id, place);
  }
  let left = graph.nodes.filter((n) => !places.has(n.id)).map((n) => n.id);
  while (left.length > 0) {
    const next = left.find((id) => wish(id, graph, places) !== undefined) ?? left[0];
    if (next === undefined) break;
    places.set(next, freeNear(wish(next, graph, places) ?? below(places), places));
    left = left.filter((id) => id !== next);
  }
  return places;
}

function wish(id: string, graph: Pick<Graph, "edges">, places: Places): Point | undefined {
  const callers = graph.edges.filter((e) => e.target === id).flatMap((e) => places.get(e.source) ?? []);
  if (callers.length > 0) return { x: Math.max(...callers.map((p) => p.x)) + across, y: mean(callers) };
  const callees = graph.edges.filter((e) => e.source === id).flatMap((e) => places.get(e.target) ?? []);
  if (callees.length > 0) return { x: Math.min(...callees.map((p) => p.x)) - across, y: mean(callees) };
  return undefined;
}

function mean(points: readonly Point[]): number {
  return points.reduce((sum, p) => sum + p.y, 0) / points.length;
}

function below(places: Places): Point {
  const all = [...places.values()];
  if (all.length === 0) return { x: 0, y: 0 };
  return { x: Math.min(...all.map((p) => p.x)), y: Math.max(...all.map((p) => p.y)) + down };
}

/** The nearest free row at this column: 0, one down, one up, two down, and so on. */
function freeNear(wanted: Point, places: Places): Point {
  const taken = [...places.values()].filter((p) => Math.abs(p.x - wanted.x) < plate.width + 8);
  for (let step = 0; ; step++) {
    const offset = (step % 2 === 0 ? -1 : 1) * Math.ceil(step / 2) * down;
    const y = wanted.y + offset;
    if (taken.every((p) => Math.abs(p.y - y) >= plate.height + 8)) return { x: wanted.x, y };
  }
}
