import { expect, it } from "vitest";
import { healthy } from "../../test/scenarios/bookinfo.ts";
import { nodeOf } from "../../test/scenarios/world.ts";
import { waysOfEdge, waysOfNode } from "./read-on.ts";

const { graph } = healthy(1_700_000_000_000);
const node = (name: string) => graph.nodes.find((n) => n.name === name) ?? nodeOf({ name });

it("leads from a node to its traces and requests, in the words of those pages", () => {
  expect(waysOfNode(node("reviews-v2")).map((w) => [w.to, w.search])).toEqual([
    ["/traces", { workload: "default/reviews-v2" }],
    ["/tap", { workload: "reviews-v2", ns: "default" }],
  ]);
  const app = {
    ...node("reviews-v2"),
    id: "app/default/reviews",
    type: "app" as const,
    workloads: ["workload/default/reviews-v1", "workload/default/reviews-v2"],
  };
  expect(waysOfNode(app).map((w) => w.search)).toEqual([
    { workload: "default/reviews-v1,default/reviews-v2" },
    { workload: "reviews", ns: "default" },
  ]);
  expect(waysOfNode(nodeOf({ name: "api.example.com", type: "external" })).map((w) => w.search)).toEqual([
    { service: "api.example.com" },
  ]);
  expect(waysOfNode(node("unknown"))).toEqual([]);
});

it("leads from a refused edge to who refuses it", () => {
  const [edge] = graph.edges;
  if (!edge) throw new Error("no edge");
  const id = "workload/default/a>workload/default/reviews-v2>http>reviews.default.svc.cluster.local";
  expect(waysOfEdge({ ...edge, id }, node("reviews-v2")).map((w) => w.search)).toEqual([{ edge: id }]);
  const refused = { ...edge, id: "app/default/a>app/default/reviews>http>", codes: { "403": 2 } };
  expect(waysOfEdge(refused, node("reviews-v2")).map((w) => w.search)).toEqual([
    { workload: "reviews-v2", ns: "default", verdict: "denied" },
  ]);
});
