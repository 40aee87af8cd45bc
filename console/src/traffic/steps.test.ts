import { expect, it } from "vitest";
import { failingReviews } from "../../test/scenarios/bookinfo.ts";
import { spoken, stepFrom } from "./steps.ts";

const nodes = failingReviews(0).graph.nodes.slice(0, 4);
const [a, b, c, d] = nodes.map((n) => n.id) as [string, string, string, string];
const places = new Map([
  [a, { x: 0, y: 0 }],
  [b, { x: 300, y: 10 }],
  [c, { x: 300, y: 200 }],
  [d, { x: 310, y: 100 }],
]);

it("walks to the nearest node in the arrow's direction", () => {
  const step = (from: string | undefined, key: string) => stepFrom({ nodes }, places, from, key);
  expect(step(undefined, "ArrowRight")).toBe(a);
  expect(step(a, "ArrowRight")).toBe(b);
  expect(step(b, "ArrowDown")).toBe(d);
  expect(step(c, "ArrowUp")).toBe(d);
  expect(step(a, "ArrowLeft")).toBeUndefined();
  expect(step(a, "Tab")).toBeUndefined();
});

it("says a node in words", () => {
  const { graph } = failingReviews(0);
  const node = graph.nodes.find((n) => n.name === "reviews-v2");
  if (!node) throw new Error("the sample has reviews-v2");
  expect(spoken(node, graph)).toMatch(/^reviews, v2, failing, receives 12\/s, 36% of it fails; calls ratings$/);
});
