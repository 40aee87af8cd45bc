import type { Graph } from "../../../src/api/contract/graph.ts";
import { ranksOf } from "./find/rank.ts";
import { versionColour } from "./palette.ts";
import { sharesOf } from "./picture.ts";
import type { Places } from "./placement.ts";
import { inboundRates, type SpaceLook } from "./plates.ts";
import type { ShowOption } from "./search.ts";
import { appFramesOf, spacesOf } from "./spaces.ts";
import { worst } from "./strength.ts";

/** Facts of a graph that drawing asks for over and over. */
export interface Derived {
  readonly graph: Graph;
  readonly inbound: ReadonlyMap<string, number>;
  readonly worst: ReadonlySet<string>;
  readonly colours: ReadonlyMap<string, string | undefined>;
  readonly shares: ReadonlyMap<string, number>;
  readonly ranks: ReadonlyMap<string, number> | undefined;
}

export function derive(graph: Graph, shown: ReadonlySet<ShowOption> | undefined): Derived {
  const versions = Map.groupBy(
    graph.nodes.filter((n) => n.type === "workload" || n.type === "app"),
    (n) => `${n.namespace}/${n.app}`,
  );
  const known = new Map([...versions].map(([app, nodes]) => [app, [...new Set(nodes.map((n) => n.version))]]));
  const colours = new Map(
    graph.nodes.map((n) => {
      const runs = n.type === "workload" || n.type === "app";
      return [n.id, runs ? versionColour(known.get(`${n.namespace}/${n.app}`) ?? [], n.version) : undefined];
    }),
  );
  const by = shown?.has("rank") ? "inbound" : shown?.has("rank-out") ? "outbound" : undefined;
  return {
    graph,
    inbound: inboundRates(graph.edges),
    worst: worst(graph.edges),
    colours,
    shares: sharesOf(graph.edges),
    ranks: by && ranksOf(graph, by),
  };
}

/** Boxes of namespaces and of apps, where nodes stand now. */
export interface Frames {
  readonly graph: Graph;
  readonly places: Places;
  readonly spaces: readonly SpaceLook[];
  readonly apps: readonly SpaceLook[];
}

export function framesOf(graph: Graph, places: Places): Frames {
  return { graph, places, spaces: spacesOf(graph, places), apps: appFramesOf(graph, places) };
}

/** A node with those that it talks to, or both ends of an edge. */
export function neighbours(graph: Graph, id: string): ReadonlySet<string> {
  const near = new Set([id]);
  for (const edge of graph.edges) {
    if (edge.source === id || edge.id === id) near.add(edge.target);
    if (edge.target === id || edge.id === id) near.add(edge.source);
  }
  return near;
}
