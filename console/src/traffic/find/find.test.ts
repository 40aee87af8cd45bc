import { describe, expect, it } from "vitest";
import { healthy } from "../../../test/scenarios/bookinfo.ts";
import { completions, nextCompletion } from "./complete.ts";
import { factsOf } from "./facts.ts";
import { matching } from "./match.ts";
import { operands } from "./operands.ts";
import { parse } from "./parse.ts";
import { findPresets, hidePresets } from "./presets.ts";
import { ranksOf } from "./rank.ts";

const { graph } = healthy(1_700_000_000_000);
const dressed = {
  ...graph,
  nodes: graph.nodes.map((n) => ({
    ...n,
    labels: { app: n.app, ...(n.name === "details-v1" ? { region: "east" } : {}) },
    ...(n.app === "reviews" ? { traits: ["virtualService", "trafficShifting"] as const } : {}),
  })),
};
const facts = factsOf(dressed);
const short = (id: string) => id.split("/").at(-1) ?? id;

function find(text: string): readonly string[] {
  const expression = parse(text);
  if (!expression) throw new Error("nothing to find");
  const { nodes, edges } = matching(expression, facts);
  const ends = dressed.edges.filter((e) => edges.has(e.id)).map((e) => `${short(e.source)}>${short(e.target)}`);
  return [...[...nodes].map(short), ...ends].sort();
}

const reviews = ["reviews-v1", "reviews-v2", "reviews-v3"];

describe("Kiali's examples and notes", () => {
  it.each([
    ["label:region", ["details-v1"]],
    ["label:region = east", ["details-v1"]],
    ["!label:region", all("details-v1")],
    ["label:region != east", all("details-v1")],
    ["name = reviews", reviews],
    ["name not contains rev", all(...reviews)],
    ["name !*= rev", all(...reviews)],
    ["app startswith product", ["productpage-v1"]],
    ["app ^= product", ["productpage-v1"]],
    ["app != reviews and version=v1", ["details-v1", "mysqldb-v1", "productpage-v1", "ratings-v1"]],
    ["!sc", ["mysqldb-v1", "unknown"]],
    ["om", ["mysqldb-v1", "unknown"]],
    ["httpin > 30", ["details-v1", "istio-ingressgateway", "productpage-v1"]],
    ["tcpout >= 1000", ["ratings-v2-mysql"]],
    ["!traffic", []],
    [
      "http > 30 and http < 1000",
      ["istio-ingressgateway>productpage-v1", "productpage-v1>details-v1", "unknown>istio-ingressgateway"],
    ],
    ["rt > 40", ["istio-ingressgateway>productpage-v1", "unknown>istio-ingressgateway"]],
    [
      "%httptraffic >= 90",
      ["istio-ingressgateway>productpage-v1", "reviews-v2>ratings-v1", "unknown>istio-ingressgateway"],
    ],
    [
      "node = wl and wl startswith det or !mtls",
      ["details-v1", "ratings-v2-mysql>mysqldb-v1", "unknown>istio-ingressgateway"],
    ],
    ["httpout = NaN", ["details-v1", "mysqldb-v1", "ratings-v1", "ratings-v2-mysql", "reviews-v1"]],
    ["grpcin != NaN", []],
    ["has vs", reviews],
    ["is trafficsource", ["unknown"]],
    ["! is healthy", []],
    ["protocol = tcp", ["ratings-v2-mysql>mysqldb-v1"]],
    ["name = unknown", ["unknown"]],
    ["ns = istio-system", ["istio-ingressgateway"]],
    ["RANK <= 1", ["ratings-v1"]],
  ])("%s", (text, expected) => expect(find(text)).toEqual([...expected].sort()));

  it("joins AND before OR", () => {
    expect(find("app = details or app = reviews and version = v2")).toEqual(["details-v1", "reviews-v2"]);
  });
});

function all(...but: readonly string[]): readonly string[] {
  return graph.nodes.map((n) => short(n.id)).filter((name) => !but.includes(name));
}

describe("beyond Kiali", () => {
  it("takes parentheses, and negates them", () => {
    expect(find("(app = details or app = reviews) and version = v1")).toEqual(["details-v1", "reviews-v1"]);
    expect(find("!(app = reviews or sidecar)")).toEqual(["mysqldb-v1", "unknown"]);
  });
  it("takes values in quotes", () => expect(find('app = "details"')).toEqual(["details-v1"]));
});

it.each([
  ["app", "app is compared with something", 0],
  ["nothing > 1", 'nothing is called "nothing"', 0],
  ["httpin > much", '"much" is not a number', 0],
  ["httpin contains 3", "httpin is a number", 0],
  ["app > 3", "app is a text", 0],
  ["healthy = yes", "healthy stands alone", 0],
  ["app = reviews and http > 1", "AND joins either nodes or edges", 0],
  ["!(app = a or http > 1)", "what is negated", 0],
  ["(app = a", "a ) is missing", 8],
  ["app = a app = b", "follows where AND or OR should", 8],
  ["app =", "a value is missing", 5],
  ["node = pod", "a node is app, operation", 0],
  ["rank > 101", "a rank is 1 to 100", 0],
  ['app = "a', "ends with", 6],
  ["healthy and", "something is missing at the end", 11],
])("says what is wrong with %s", (text, message, at) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ message: expect.stringContaining(message), at }));
});

it("offers expressions that can be read", () => {
  for (const { expression } of [...findPresets, ...hidePresets]) expect(parse(expression)).toBeDefined();
});

it("has one operand a name, and nothing for an empty text", () => {
  const names = operands.flatMap((o) => o.names);
  expect(new Set(names).size).toBe(names.length);
  expect(parse("  ")).toBeUndefined();
});

it("completes names, one after the other, but no values", () => {
  expect(completions("!fau")).toEqual(["!faultinjection"]);
  expect(completions("app = ht")).toEqual([]);
  expect(completions("app = a or http")).toEqual(["app = a or http", "app = a or httpin", "app = a or httpout"]);
  expect(nextCompletion("(htt", "(htt")).toBe("(http");
  expect(nextCompletion("(htt", "(http")).toBe("(httpin");
  expect(nextCompletion("xyz", "xyz")).toBeUndefined();
});

it("ranks by callers or by callees; as many share a rank, and there are no more than a hundred", () => {
  expect(ranksOf(graph).get("workload/default/ratings-v1")).toBe(1);
  expect(ranksOf(graph, "outbound").get("workload/default/productpage-v1")).toBe(1);
  const nodes = Array.from({ length: 150 }, (_, i) => ({ ...graph.nodes[0], id: `n${i}` })) as typeof graph.nodes;
  const edges = nodes.flatMap((n, i) =>
    Array.from({ length: i }, () => ({ ...graph.edges[0], target: n.id })),
  ) as typeof graph.edges;
  const ranks = [...ranksOf({ nodes, edges }).values()];
  expect([Math.min(...ranks), Math.max(...ranks)]).toEqual([1, 100]);
});
