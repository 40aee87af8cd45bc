import type { GraphNode } from "../../../src/api/contract/graph.ts";
import type { Problem } from "../../../src/api/contract/problems.ts";
import type { ProxyState, Workload } from "../../../src/api/contract/workloads.ts";
import { bookinfoConfig } from "./bookinfo-config.ts";
import {
  type EdgeShort,
  edgeOf,
  type NodeShort,
  nodeOf,
  proxyOf,
  type Scenario,
  trafficOf,
  type World,
} from "./world.ts";

const gateway = "workload/istio-system/istio-ingressgateway";
const of = (name: string) => `workload/default/${name}`;
const service = (name: string) => `${name}.default.svc.cluster.local`;

const nodes: readonly NodeShort[] = [
  { name: "unknown", type: "unknown", namespace: "", health: "unknown", inMesh: false },
  { name: "istio-ingressgateway", type: "gateway", namespace: "istio-system" },
  { name: "productpage-v1", app: "productpage", version: "v1" },
  { name: "details-v1", app: "details", version: "v1" },
  { name: "reviews-v1", app: "reviews", version: "v1" },
  { name: "reviews-v2", app: "reviews", version: "v2" },
  { name: "reviews-v3", app: "reviews", version: "v3" },
  { name: "ratings-v1", app: "ratings", version: "v1" },
  { name: "ratings-v2-mysql", app: "ratings", version: "v2-mysql" },
  { name: "mysqldb-v1", app: "mysqldb", version: "v1", inMesh: false },
];

const edges: readonly EdgeShort[] = [
  {
    from: "unknown",
    to: gateway,
    service: "istio-ingressgateway.istio-system.svc.cluster.local",
    rate: 42,
    p50: 19,
    mtls: 0,
  },
  { from: gateway, to: of("productpage-v1"), service: service("productpage"), rate: 42, p50: 17 },
  { from: of("productpage-v1"), to: of("details-v1"), service: service("details"), rate: 42, p50: 1.4 },
  { from: of("productpage-v1"), to: of("reviews-v1"), service: service("reviews"), rate: 21, p50: 2.1 },
  { from: of("productpage-v1"), to: of("reviews-v2"), service: service("reviews"), rate: 12, p50: 7.2 },
  { from: of("productpage-v1"), to: of("reviews-v3"), service: service("reviews"), rate: 9, p50: 8.9 },
  { from: of("reviews-v2"), to: of("ratings-v1"), service: service("ratings"), rate: 12, p50: 1.1 },
  { from: of("reviews-v3"), to: of("ratings-v1"), service: service("ratings"), rate: 4.6, p50: 1.2 },
  { from: of("reviews-v3"), to: of("ratings-v2-mysql"), service: service("ratings"), rate: 4.4, p50: 3.4 },
  { from: of("ratings-v2-mysql"), to: of("mysqldb-v1"), service: service("mysqldb"), rate: 4.4, tcp: true, mtls: 0 },
];

export interface Bent {
  readonly health?: Readonly<Record<string, GraphNode["health"]>>;
  readonly sentences?: Readonly<Record<string, string>>;
  /** Edge by its target's and source's name: what differs. */
  readonly edge?: (edge: EdgeShort) => EdgeShort;
  readonly proxy?: (proxy: ProxyState, at: number) => ProxyState;
}

function workloadOf(node: GraphNode, index: number, at: number, world: Pick<World, "graph">, bent: Bent): Workload {
  const pods = node.name === "productpage-v1" ? 2 : 1;
  const proxies = Array.from({ length: pods }, (_, i) => {
    const proxy = proxyOf(`${node.name}-${i}.${node.namespace}`, `10.77.0.${10 + index * 4 + i}`, at);
    return bent.proxy ? bent.proxy(proxy, at) : proxy;
  });
  const synced = proxies.filter((p) => p.sync === "synced").length;
  return {
    id: node.id,
    namespace: node.namespace,
    name: node.name,
    app: node.app,
    version: node.version,
    kind: node.type === "gateway" ? "gateway" : node.inMesh ? "sidecar" : "none",
    serviceAccount: node.type === "gateway" ? "istio-ingressgateway" : `bookinfo-${node.app}`,
    health: node.health,
    sentence:
      bent.sentences?.[node.name] ??
      (node.inMesh ? `${synced} of ${pods} ready, in sync` : "runs beside the mesh, without a proxy"),
    replicas: { desired: pods, ready: pods },
    inbound: trafficOf(world.graph.edges.filter((e) => e.target === node.id)),
    outbound: trafficOf(world.graph.edges.filter((e) => e.source === node.id)),
    proxies: node.inMesh ? proxies : [],
  };
}

/** Bookinfo with something bent, or nothing. */
export function bookinfo(bent: Bent, at: number, problems: readonly Problem[], over: Partial<World> = {}): World {
  const graph = {
    at,
    window: 60,
    nodes: nodes.map((n) =>
      nodeOf({ ...n, ...(bent.health?.[n.name] ? { health: bent.health[n.name] as GraphNode["health"] } : {}) }),
    ),
    edges: edges.map((e) => edgeOf(bent.edge ? bent.edge(e) : e, at)),
  };
  const workloads = graph.nodes
    .filter((n) => n.type !== "unknown")
    .map((n, i) => workloadOf(n, i, at, { graph }, bent));
  const proxies = workloads.flatMap((w) => w.proxies);
  const synced = proxies.filter((p) => p.sync === "synced").length;
  const late = proxies.find((p) => p.sync !== "synced");
  const failing = graph.nodes.find((n) => n.health === "failing");
  return {
    mesh: {
      name: "bookinfo",
      version: "0.1.0",
      envoyVersion: "1.40.0",
      trustDomain: "cluster.local",
      health: failing ? "failing" : late ? "degraded" : "healthy",
      sentence: late
        ? `${synced} of ${proxies.length} proxies in sync; ${late.id} refused its routes`
        : failing
          ? `${failing.name} fails; all ${synced} proxies in sync`
          : `All ${synced} proxies in sync`,
      proxies: { total: proxies.length, synced },
      diagnostics: { errors: 0, warnings: 0, infos: 0 },
      namespaces: ["default", "istio-system"],
      doors: ["http://localhost:8080"],
      startedAt: at - 3_720_000,
    },
    graph,
    workloads,
    config: bookinfoConfig,
    loose: [],
    problems,
    ...over,
  };
}

export const healthy: Scenario = (at) => bookinfo({}, at, []);

/** Bookinfo before its first request: all its workloads, and nobody who calls them. */
export const quiet: Scenario = (at) => {
  const world = bookinfo({}, at, []);
  return {
    ...world,
    graph: { ...world.graph, nodes: world.graph.nodes.filter((n) => n.type !== "unknown"), edges: [] },
  };
};

/** reviews-v2 answers 503 to a good part of what productpage asks, and ratings-v2 has become slow. */
export const failingReviews: Scenario = (at) =>
  bookinfo(
    {
      health: { "reviews-v2": "failing", "productpage-v1": "degraded", "ratings-v2-mysql": "degraded" },
      sentences: {
        "reviews-v2": "answers 503 to 41% of requests from productpage-v1; its application crashed 3 times in 10 min",
        "productpage-v1": "11% of its calls to reviews fail",
        "ratings-v2-mysql": "p95 is 1.2 s, 40 times its usual",
      },
      edge: (e) => {
        if (e.from === of("productpage-v1") && e.to === of("reviews-v2")) return { ...e, errors: 0.41, flag: "UF" };
        if (e.to === of("productpage-v1")) return { ...e, errors: 0.024, flag: "UF" };
        if (e.to === of("ratings-v2-mysql")) return { ...e, p50: 460 };
        return e;
      },
      proxy: (p) => (p.id.startsWith("reviews-v2") ? { ...p, restarts: 3, application: "crashed" } : p),
    },
    at,
    [
      {
        health: "failing",
        sentence: "reviews-v2 answers 503 to productpage-v1: 41% of 12 requests a second",
        since: at - 14 * 60_000,
        link: "/traffic/node/workload/default/reviews-v2",
      },
      {
        health: "degraded",
        sentence: "ratings-v2-mysql takes 1.2 s (p95) where it took 30 ms an hour ago",
        since: at - 11 * 60_000,
        link: "/traffic/node/workload/default/ratings-v2-mysql",
      },
      {
        health: "degraded",
        sentence: "mysqldb-v1 is called in plain text: no proxy stands beside it",
        since: at - 3_600_000,
        link: "/traffic/node/workload/default/mysqldb-v1",
      },
    ],
  );
