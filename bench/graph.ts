import type { MeasuredEdge } from "../src/api/edges.ts";
import { graphOf } from "../src/api/graph.ts";
import type { Member } from "../src/api/roster.ts";

/**
 * What a graph costs the control plane: `node bench/graph.ts [WORKLOADS]`. Prints milliseconds of CPU and bytes of the answer for each type, of a mesh in which each
 * workload calls three others, in namespaces of fifty.
 */
const count = Number(process.argv[2] ?? 5000);
const id = (i: number) => `workload/team-${Math.floor((i % count) / 50)}/app-${(i % count) % 50}-v1`;
const latency = { bounds: [1, 5, 10, 25, 50, 100], counts: [1, 5, 20, 4, 1, 0, 0], sum: 250 };

const edges = Array.from({ length: count }, (_, i) =>
  [i + 1, i * 7 + 3, i * 31 + 11].map((to): MeasuredEdge => {
    const [source, target] = [id(i), id(to)];
    const host = `app-${to % 50}.team-${Math.floor((to % count) / 50)}.svc.cluster.local`;
    return {
      id: [source, target, "http", host].join(">"),
      source,
      target,
      protocol: "http",
      service: host,
      rate: 1,
      errorShare: 0,
      mtlsShare: 1,
      codes: { "200": 1 },
      flags: {},
      count: 60,
      errors: 0,
      opened: 0,
      latency,
      reporters: new Set([source, target]),
    };
  }),
).flat();

const roster = new Map(
  Array.from({ length: count }, (_, i): [string, Member] => {
    const [, namespace = "", name = ""] = id(i).split("/");
    const pod = { namespace, name: `${name}-0`, workload: name, labels: {}, serviceAccount: name, restarts: 0 };
    const pods = [{ ...pod, ready: true, application: "running" as const }];
    const app = name.replace("-v1", "");
    const member = { id: id(i), namespace, name, app, version: "v1", kind: "sidecar" as const, labels: { app } };
    return [id(i), { ...member, serviceAccount: name, desired: 1, pods, proxies: [] }];
  }),
);

for (const type of ["workload", "app", "versioned", "service"] as const) {
  for (const fold of [600, 50_000]) {
    const times = Array.from({ length: 7 }, () => {
      const begun = process.cpuUsage();
      const lens = { type, services: false, operations: false };
      const graph = graphOf(edges, roster, { at: 0, window: 60, namespaces: new Set(), lens, fold });
      const text = JSON.stringify(graph);
      const used = process.cpuUsage(begun);
      return {
        ms: (used.user + used.system) / 1000,
        bytes: text.length,
        nodes: graph.nodes.length,
        edges: graph.edges.length,
      };
    }).toSorted((a, b) => a.ms - b.ms);
    const middle = times[3];
    console.log(
      `${type.padEnd(10)} ${fold === 600 ? "folded" : "whole "} ${middle?.nodes} nodes, ${middle?.edges} edges: ${middle?.ms.toFixed(0)} ms of CPU, ${((middle?.bytes ?? 0) / 1e6).toFixed(2)} MB`,
    );
  }
}
