import { expect, it } from "vitest";
import { bookinfo } from "../../test/scenarios/bookinfo.ts";
import { overlap, type Point, plate } from "./geometry.ts";
import { type Places, placeNew } from "./placement.ts";

const { graph } = bookinfo({}, 0, []);
const box = (p: Point) => ({
  x: p.x - plate.width / 2,
  y: p.y - plate.height / 2,
  width: plate.width,
  height: plate.height,
});

function collisions(places: Places): number {
  const boxes = [...places.values()].map(box);
  return boxes.filter((a, i) => boxes.some((b, j) => j > i && overlap(a, b))).length;
}

it("places every node, none over another", () => {
  const places = placeNew(graph, new Map());
  expect(places.size).toBe(graph.nodes.length);
  expect(collisions(places)).toBe(0);
});

it("moves nobody who had a place, and puts the new one right of its callers", () => {
  const before = placeNew(graph, new Map());
  const id = "workload/default/reviews-v4";
  const first = graph.nodes[0];
  const edge = graph.edges[3];
  if (!first || !edge) throw new Error("the sample has nodes and edges");
  const grown = {
    nodes: [...graph.nodes, { ...first, id }],
    edges: [...graph.edges, { ...edge, id: "new", target: id }],
  };
  const after = placeNew(grown, before);
  for (const [known, place] of before) expect(after.get(known)).toEqual(place);
  expect(after.get(id)?.x).toBeGreaterThan(before.get(edge.source)?.x ?? 0);
  expect(collisions(after)).toBe(0);
});

it("forgets who is gone", () => {
  const places = placeNew({ nodes: graph.nodes.slice(0, 2), edges: [] }, placeNew(graph, new Map()));
  expect(places.size).toBe(2);
});
