import { toBinary } from "@bufbuild/protobuf";
import { cluster } from "../src/envoy/cluster/cluster.ts";
import { loadAssignment } from "../src/envoy/cluster/endpoints.ts";
import { ClusterSchema } from "../src/gen/envoy/config/cluster/v3/cluster_pb.js";
import { ClusterLoadAssignmentSchema } from "../src/gen/envoy/config/endpoint/v3/endpoint_pb.js";
import type { Resource } from "../src/model/resource.ts";
import { apply, empty } from "../src/model/snapshot.ts";
import { types } from "../src/model/types.ts";
import { clusterPlan, serviceClusterKeys } from "../src/plan/cluster/cluster.ts";
import { clusterEndpoints, clusterEndpointsKey } from "../src/plan/cluster/endpoints.ts";
import { visibleServices } from "../src/plan/registry.ts";
import type { View } from "../src/plan/view.ts";
import type { Step } from "../src/track/scope.ts";
import { Tracker } from "../src/track/tracker.ts";

// Clusters and endpoints of 2,000 services with two subsets each and five pods: how long until they are plans, messages, bytes.

const services = 2000;
const position = { file: "bench.yaml", line: 1, column: 1 };

function object(type: string, name: string, spec: unknown, more: Partial<Resource> = {}): Resource {
  const origin = { ...position, at: "bench.yaml:1:1", locate: () => position };
  const base = { type, namespace: "default", name, apiVersion: "v1", labels: {}, annotations: {}, createdAt: 0 };
  return Object.freeze({ ...base, generation: 1, spec, origin, ...more });
}

function objectsOf(i: number): Resource[] {
  const name = `svc-${i}`;
  const ports = [{ name: "http", port: 9080 }];
  const subsets = ["v1", "v2"].map((version) => ({ name: version, labels: { version } }));
  const pods = [0, 1, 2, 3, 4].map((p) =>
    object(
      types.Pod,
      `${name}-${p}`,
      { serviceAccountName: name },
      {
        labels: { app: name, version: p < 3 ? "v1" : "v2", "security.istio.io/tlsMode": "istio" },
        status: { podIP: `10.${i >> 8}.${i & 255}.${p}` },
      },
    ),
  );
  return [
    object(types.Service, name, { clusterIP: "10.96.0.1", selector: { app: name }, ports }),
    object(types.DestinationRule, name, { host: name, subsets }),
    ...pods,
  ];
}

function timed<T>(what: string, run: () => T): T {
  const start = performance.now();
  const value = run();
  process.stdout.write(`${what.padEnd(34)} ${(performance.now() - start).toFixed(0).padStart(6)} ms\n`);
  return value;
}

const view: View = { kind: "sidecar", namespace: "default", labels: {} };
const place = { locality: "", labels: {}, network: "" };
const keysStep: Step<readonly string[]> = {
  name: "bench/keys",
  run: (scope) => scope.ask(visibleServices, "default").flatMap((s) => serviceClusterKeys(scope, view, s)),
};

const objects = Array.from({ length: services }, (_, i) => objectsOf(i)).flat();
const tracker = new Tracker(
  apply(
    empty,
    objects.map((put) => ({ put })),
  ),
);
const keys = timed("keys", () => tracker.ask(keysStep, ""));
const plans = timed(`plans of ${keys.length} clusters`, () =>
  keys.flatMap((key) => tracker.ask(clusterPlan, key) ?? []),
);
for (const round of ["cold", "warm"]) {
  const messages = timed(`cluster messages, ${round}`, () => plans.map((plan) => cluster(plan, "ads")));
  const bytes = timed(`cluster bytes, ${round}`, () => messages.map((m) => toBinary(ClusterSchema, m)));
  process.stdout.write(
    `${"bytes a cluster".padEnd(34)} ${Math.round(bytes.reduce((n, b) => n + b.length, 0) / bytes.length)}\n`,
  );
}
const assigned = timed("endpoint plans", () =>
  plans.map((plan, i) => tracker.ask(clusterEndpoints, clusterEndpointsKey(keys[i] as string, plan, place))),
);
const assignments = timed("endpoint messages", () => assigned.map(loadAssignment));
timed("endpoint bytes", () => assignments.map((m) => toBinary(ClusterLoadAssignmentSchema, m)));
