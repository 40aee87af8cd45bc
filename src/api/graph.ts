import type { Graph, GraphEdge } from "./contract/graph.ts";
import type { MeasuredEdge } from "./edges.ts";
import { parseNodeId } from "./ends.ts";
import { foldedGraph } from "./graph/fold.ts";
import { type Lens, plainLens, seenThrough } from "./graph/lens.ts";
import { type Known, nodesOf } from "./graph/nodes.ts";
import type { Member } from "./roster.ts";

export interface GraphQuery {
  readonly at: number;
  readonly window: number;
  /** None: all of them. */
  readonly namespaces: ReadonlySet<string>;
  readonly lens?: Lens;
  /** Long past: how pods and proxies are now says nothing of it. */
  readonly past?: boolean;
  /** With scrapes and probes. */
  readonly noise?: boolean;
  /** From more nodes than these on, namespaces stand for what is in them, but those that are opened. */
  readonly fold?: number;
  readonly opened?: ReadonlySet<string>;
}

/**
 * The graph of a window. Every workload of the wanted namespaces is on it, with traffic or without, so that a mesh can be seen before its first request;
 * ends outside of them are on it where an edge leads there.
 */
export function graphOf(
  edges: readonly MeasuredEdge[],
  roster: ReadonlyMap<string, Member>,
  query: GraphQuery,
  known: Known = {},
): Graph {
  const { at, window, namespaces, lens = plainLens, noise = false, past = false } = query;
  const wanted = (id: string) => namespaces.size === 0 || namespaces.has(parseNodeId(id).namespace);
  const near = edges.filter((e) => wanted(e.source) || wanted(e.target));
  const loud = noise ? near : near.filter((e) => !e.noise);
  const seen = seenThrough(lens, loud, roster);
  const reporters = new Set(edges.flatMap((e) => [...e.reporters]));
  const inbound = Map.groupBy(edges, (e) => e.target);
  const nodes = nodesOf({ lens, seen, roster, reporters, inbound, wanted, past, outside: namespaces.size > 0 }, known);
  const { folded, ...shown } = foldedGraph(
    { nodes, edges: seen.edges },
    query.fold ?? Number.POSITIVE_INFINITY,
    query.opened ?? new Set(),
  );
  return {
    at,
    window,
    type: lens.type,
    ...(near.length > loud.length ? { noise: near.length - loud.length } : {}),
    ...(folded ? { folded } : {}),
    nodes: shown.nodes,
    edges: shown.edges.map(plainEdge),
  };
}

/** An edge as the contract has it. */
function plainEdge(edge: MeasuredEdge): GraphEdge {
  const {
    count: _count,
    errors: _errors,
    opened: _opened,
    latency: _latency,
    reporters: _reporters,
    apps: _apps,
    via: _via,
    operation: _operation,
    ...plain
  } = edge;
  return plain;
}
