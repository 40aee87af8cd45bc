import { deepStrictEqual } from "node:assert";
import { test } from "vitest";
import { patchesInFiles } from "../../src/cli/analyze/patches.ts";
import { resources, trackerOf } from "../cluster/mesh.ts";

const mesh = `
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {selector: {app: reviews}, ports: [{name: http, port: 9080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: reviews, namespace: shop}
spec: {template: {metadata: {labels: {app: reviews}}, spec: {containers: [{name: app}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ratings, namespace: shop}
spec: {template: {metadata: {labels: {app: ratings}}, spec: {containers: [{name: app}]}}}
---
`;

const filter = (spec: string, namespace = "shop") => `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: f, namespace: ${namespace}}
spec: ${spec}`;

/** `LEVEL CODE: MESSAGE` of what is told of one EnvoyFilter in a mesh of two workloads. */
function told(spec: string, namespace?: string): readonly string[] {
  const tracker = trackerOf(resources(mesh + filter(spec, namespace), "m.yaml"));
  return patchesInFiles(tracker).map((d) => `${d.level} ${d.code}: ${d.message}`);
}

const timeout = "patch: {operation: MERGE, value: {connect_timeout: 2s}}";

test("where a patch changes something", () => {
  deepStrictEqual(
    told(
      `{configPatches: [{applyTo: CLUSTER, match: {cluster: {service: reviews.shop.svc.cluster.local}}, ${timeout}}]}`,
    ),
    [
      "Info WEFT0031: this patch changes cluster outbound|9080||reviews.shop.svc.cluster.local, cluster inbound|9080|| of ratings.shop, reviews.shop",
    ],
  );
});

test("a patch that changes nothing anywhere is an error; its neighbour is in force", () => {
  deepStrictEqual(
    told(`{workloadSelector: {labels: {app: ratings}}, configPatches: [
      {applyTo: CLUSTER, match: {cluster: {service: reviews}}, ${timeout}},
      {applyTo: CLUSTER, match: {cluster: {name: BlackHoleCluster}}, ${timeout}}]}`),
    [
      "Error WEFT0030: this patch changes nothing in the one proxy that is chosen",
      "Info WEFT0031: this patch changes cluster BlackHoleCluster of ratings.shop",
    ],
  );
});

test("an object that chooses no workload: by its labels, by its namespace", () => {
  const none = "Warning WEFT0032: no workload of the mesh is chosen, so nothing is patched";
  deepStrictEqual(told(`{workloadSelector: {labels: {app: gone}}, configPatches: [{applyTo: CLUSTER, ${timeout}}]}`), [
    none,
  ]);
  deepStrictEqual(told(`{configPatches: [{applyTo: CLUSTER, ${timeout}}]}`, "other"), [none]);
});

test("the root namespace's is for all", () => {
  deepStrictEqual(
    told(
      `{configPatches: [{applyTo: CLUSTER, match: {cluster: {name: BlackHoleCluster}}, ${timeout}}]}`,
      "istio-system",
    ),
    ["Info WEFT0031: this patch changes cluster BlackHoleCluster of ratings.shop, reviews.shop"],
  );
});
