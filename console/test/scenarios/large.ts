import type { Workload } from "../../../src/api/contract/workloads.ts";
import { type EdgeShort, edgeOf, nodeOf, proxyOf, type Scenario, trafficOf } from "./world.ts";

const namespaces = ["shop", "search", "payments", "accounts", "media", "stock", "shipping", "ads", "data", "platform"];
const each = 50;

const id = (space: number, i: number) =>
  `workload/${namespaces[space % namespaces.length]}/${namespaces[space % namespaces.length]}-${String(i).padStart(2, "0")}`;

/** Which namespaces a namespace calls. */
const calls: readonly (readonly number[])[] = [[1, 2, 3], [4, 5], [6, 8], [8], [9], [6, 8], [9], [9], [9], []];

/** Layers of ten inside a namespace; the last layer calls the first of other namespaces. */
function shorts(): readonly EdgeShort[] {
  const edges: EdgeShort[] = [];
  for (let s = 0; s < namespaces.length; s++) {
    for (let i = 0; i < each; i++) {
      const from = id(s, i);
      const rate = 2 + ((i * 7919 + s * 104729) % 97);
      const targets =
        i < 40
          ? [id(s, i + 10), id(s, Math.min(each - 1, (Math.floor(i / 10) + 1) * 10 + ((i * 3 + 1) % 10)))]
          : i % 5 === 0
            ? (calls[s] ?? []).map((to) => id(to, i % 10))
            : [];
      for (const to of new Set(targets))
        edges.push({
          from,
          to,
          service: `${to.split("/")[2]}.${to.split("/")[1]}.svc.cluster.local`,
          rate,
          p50: 1 + (rate % 30),
          ...(rate === 37 ? { errors: 0.08 } : {}),
          tcp: rate % 19 === 0,
        });
    }
  }
  return edges;
}

const edges = shorts();

/** 500 workloads in ten namespaces. */
export const large: Scenario = (at) => {
  const nodes = namespaces.flatMap((namespace, s) =>
    Array.from({ length: each }, (_, i) =>
      nodeOf({
        name: id(s, i).split("/")[2] ?? "",
        namespace,
        version: "v1",
        health: s === 2 && i === 13 ? "failing" : i % 23 === 7 ? "degraded" : "healthy",
      }),
    ),
  );
  const graph = { at, window: 60, nodes, edges: edges.map((e) => edgeOf(e, at)) };
  const inbound = Map.groupBy(graph.edges, (e) => e.target);
  const outbound = Map.groupBy(graph.edges, (e) => e.source);
  const workloads = nodes.map(
    (n, i): Workload => ({
      id: n.id,
      namespace: n.namespace,
      name: n.name,
      app: n.app,
      version: n.version,
      kind: "sidecar",
      serviceAccount: n.app,
      health: n.health,
      sentence: n.health === "healthy" ? "1 of 1 ready, in sync" : "some of its calls fail",
      replicas: { desired: 1, ready: 1 },
      inbound: trafficOf(inbound.get(n.id) ?? []),
      outbound: trafficOf(outbound.get(n.id) ?? []),
      proxies: [proxyOf(`${n.name}-0.${n.namespace}`, `10.77.${1 + Math.floor(i / 250)}.${1 + (i % 250)}`, at)],
    }),
  );
  return {
    mesh: {
      name: "large",
      version: "0.1.0",
      envoyVersion: "1.40.0",
      trustDomain: "cluster.local",
      health: "failing",
      sentence: "payments-13 fails; all 500 proxies in sync",
      proxies: { total: 500, synced: 500 },
      diagnostics: { errors: 0, warnings: 0, infos: 0 },
      namespaces,
      doors: [],
      startedAt: at - 86_400_000,
    },
    graph,
    workloads,
    config: [],
    loose: [],
    problems: [
      {
        health: "failing",
        sentence: "payments-13 answers 503 to payments-03",
        since: at - 240_000,
        link: "/traffic/node/workload/payments/payments-13",
      },
    ],
  };
};

/** A mesh without a workload. */
export const empty: Scenario = (at) => ({
  mesh: {
    name: "empty",
    version: "0.1.0",
    envoyVersion: "1.40.0",
    trustDomain: "cluster.local",
    health: "unknown",
    sentence: "No workload yet",
    proxies: { total: 0, synced: 0 },
    diagnostics: { errors: 0, warnings: 0, infos: 0 },
    namespaces: [],
    doors: [],
    startedAt: at - 5000,
  },
  graph: { at, window: 60, nodes: [], edges: [] },
  workloads: [],
  config: [],
  loose: [],
  problems: [],
});
