import type { Graph, GraphEdge } from "../../../src/api/contract/graph.ts";
import { factsOf, type Meaning } from "./find/facts.ts";
import { type Found, matching } from "./find/match.ts";
import { parse } from "./find/parse.ts";
import { FindError } from "./find/tokens.ts";
import {
  type Kinds,
  kindsOf,
  type LabelMode,
  labelsOf,
  type ShowOption,
  shownOf,
  type TrafficSearch,
} from "./search.ts";
import { flows } from "./strength.ts";

/** A graph as it is shown: filtered, with what was found. */
export interface Picture {
  readonly graph: Graph;
  readonly shown: ReadonlySet<ShowOption>;
  readonly labels: readonly LabelMode[];
  readonly kinds: Kinds;
  /** What Find says yes to; absent where nothing is looked for. */
  readonly found?: Found;
  /** How many nodes and edges Hide took away. */
  readonly hidden: number;
  readonly findError?: string;
  readonly hideError?: string;
}

/** Applies an address to the graph that the server gave. */
export function pictureOf(whole: Graph, search: TrafficSearch): Picture {
  const shown = shownOf(search.show);
  const labels = labelsOf(search.label);
  const kinds = kindsOf(search.kinds);
  const meaning = meaningOf(labels);
  const near = search.focus ? aroundNode(whole, search.focus) : whole;
  const flowing = withoutIdle(ofKinds(near, kinds), shown);
  const hide = read(search.hide);
  const find = read(search.find);
  const graph = hide.expression ? without(flowing, matching(hide.expression, factsOf(flowing, meaning))) : flowing;
  const count = (g: Graph) => g.nodes.length + g.edges.length;
  return {
    graph,
    shown,
    labels,
    kinds,
    hidden: count(flowing) - count(graph),
    ...(find.expression ? { found: matching(find.expression, factsOf(graph, meaning)) } : {}),
    ...(find.error ? { findError: find.error } : {}),
    ...(hide.error ? { hideError: hide.error } : {}),
  };
}

function read(text: string | undefined): { expression?: ReturnType<typeof parse>; error?: string } {
  try {
    return { expression: parse(text ?? "") };
  } catch (error) {
    if (error instanceof FindError) return { error: error.message };
    throw error;
  }
}

/** What `rt` and `throughput` mean is what the labels show. */
function meaningOf(labels: readonly LabelMode[]): Meaning {
  const time = (["avg", "p50", "p95", "p99"] as const).find((m) => labels.includes(m));
  return { responseTime: time ?? "p95", throughput: labels.includes("response") ? "response" : "request" };
}

function ofKinds(graph: Graph, kinds: Kinds): Graph {
  if (Object.values(kinds).every((k) => k !== "none")) return graph;
  return { ...graph, edges: graph.edges.filter((e) => kinds[e.protocol] !== "none") };
}

function withoutIdle(graph: Graph, shown: ReadonlySet<ShowOption>): Graph {
  const edges = shown.has("idle-edges") ? graph.edges : graph.edges.filter(flows);
  if (shown.has("idle-nodes")) return edges === graph.edges ? graph : { ...graph, edges };
  const ends = new Set(edges.flatMap((e) => [e.source, e.target]));
  return { ...graph, edges, nodes: graph.nodes.filter((n) => ends.has(n.id)) };
}

/** Without what was matched; an edge goes with either of its nodes, and a node that had edges with the last of them. */
function without(graph: Graph, gone: Found): Graph {
  const left = (e: GraphEdge) => !gone.edges.has(e.id) && !gone.nodes.has(e.source) && !gone.nodes.has(e.target);
  const edges = graph.edges.filter(left);
  const had = new Set(graph.edges.flatMap((e) => [e.source, e.target]));
  const has = new Set(edges.flatMap((e) => [e.source, e.target]));
  return {
    ...graph,
    edges,
    nodes: graph.nodes.filter((n) => !gone.nodes.has(n.id) && (has.has(n.id) || !had.has(n.id))),
  };
}

/** A node with those that it talks to; the whole graph where it is not on it. */
export function aroundNode(graph: Graph, id: string): Graph {
  if (!graph.nodes.some((n) => n.id === id)) return graph;
  const edges = graph.edges.filter((e) => e.source === id || e.target === id);
  const near = new Set([id, ...edges.flatMap((e) => [e.source, e.target])]);
  return { ...graph, edges, nodes: graph.nodes.filter((n) => near.has(n.id)) };
}

/** Of what its caller sends by the same protocol, the share that goes over each edge. */
export function sharesOf(edges: readonly GraphEdge[]): ReadonlyMap<string, number> {
  const key = (e: GraphEdge) => `${e.source}\n${e.protocol}`;
  const sums = new Map<string, number>();
  for (const edge of edges) sums.set(key(edge), (sums.get(key(edge)) ?? 0) + edge.rate);
  return new Map(edges.map((e) => [e.id, e.rate > 0 ? e.rate / (sums.get(key(e)) ?? e.rate) : 0]));
}
