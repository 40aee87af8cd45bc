import type { Workload } from "../../../src/api/contract/workloads.ts";
import { type EdgeShort, edgeOf, nodeOf, proxyOf, type Scenario, trafficOf } from "./world.ts";

const spaces = 50;
const each = 100;

const nameOf = (space: number, i: number) => `team-${String(space).padStart(2, "0")}-svc-${String(i).padStart(2, "0")}`;
const namespaceOf = (space: number) => `team-${String(space).padStart(2, "0")}`;
const idOf = (space: number, i: number) => `workload/${namespaceOf(space)}/${nameOf(space, i)}`;

/** Each calls the next of its namespace, and every tenth one of another namespace. */
const shorts: readonly EdgeShort[] = Array.from({ length: spaces * each }, (_, n) => {
  const [space, i] = [Math.floor(n / each), n % each];
  const [toSpace, to] = i % 10 === 0 ? [(space + 7) % spaces, (i + 3) % each] : [space, (i + 1) % each];
  return {
    from: idOf(space, i),
    to: idOf(toSpace, to),
    service: `${nameOf(toSpace, to)}.${namespaceOf(toSpace)}.svc.cluster.local`,
    rate: 1 + ((n * 7919) % 90),
    p50: 1 + (n % 30),
    ...(n % 611 === 0 ? { errors: 0.2 } : {}),
  };
});

/** 5,000 workloads in fifty namespaces, two proxies each. */
export const many: Scenario = (at) => {
  const nodes = Array.from({ length: spaces * each }, (_, n) => {
    const [space, i] = [Math.floor(n / each), n % each];
    const health = n % 611 === 1 ? "failing" : n % 97 === 5 ? "degraded" : "healthy";
    return nodeOf({ name: nameOf(space, i), namespace: namespaceOf(space), version: "v1", health });
  });
  const edges = shorts.map((e) => edgeOf(e, at));
  const inbound = Map.groupBy(edges, (e) => e.target);
  const outbound = Map.groupBy(edges, (e) => e.source);
  const workloads = nodes.map((n, i): Workload => {
    const ip = (replica: number) => `10.${100 + replica}.${Math.floor(i / 250)}.${1 + (i % 250)}`;
    return {
      id: n.id,
      namespace: n.namespace,
      name: n.name,
      app: n.app,
      version: n.version,
      kind: "sidecar",
      serviceAccount: n.app,
      health: n.health,
      sentence: n.health === "healthy" ? "2 of 2 ready, in sync" : "20 % of its requests fail, most with 503",
      replicas: { desired: 2, ready: 2 },
      inbound: trafficOf(inbound.get(n.id) ?? []),
      outbound: trafficOf(outbound.get(n.id) ?? []),
      proxies: [0, 1].map((replica) => proxyOf(`${n.name}-${replica}.${n.namespace}`, ip(replica), at)),
    };
  });
  return {
    mesh: {
      name: "many",
      version: "0.1.0",
      envoyVersion: "1.40.0",
      trustDomain: "cluster.local",
      health: "failing",
      sentence: "team-00-svc-01 fails; all 10000 proxies in sync",
      proxies: { total: 10_000, synced: 10_000 },
      diagnostics: { errors: 0, warnings: 0, infos: 0 },
      namespaces: Array.from({ length: spaces }, (_, space) => namespaceOf(space)),
      doors: [],
      startedAt: at - 86_400_000,
    },
    graph: { at, window: 60, nodes, edges },
    workloads,
    config: [],
    loose: [],
    problems: [],
  };
};
