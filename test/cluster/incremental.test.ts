import { deepStrictEqual } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { test } from "vitest";
import type { Change } from "../../src/model/change.ts";
import type { Resource } from "../../src/model/resource.ts";
import { apply } from "../../src/model/snapshot.ts";
import { types } from "../../src/model/types.ts";
import { Tracker } from "../../src/track/tracker.ts";
import { type Client, configOf, meshConfig, resources, sidecar, trackerOf } from "./mesh.ts";

const base = resources(
  readFileSync(join(import.meta.dirname, "../../src/plan/cluster/testdata/mesh.yaml"), "utf8"),
  "mesh.yaml",
);

const clients: readonly Client[] = [
  sidecar,
  {
    view: { kind: "sidecar", namespace: "data", labels: { app: "db" } },
    place: { locality: "eu/eu-1/a", labels: {}, network: "" },
  },
  {
    view: { kind: "router", namespace: "istio-system", labels: {} },
    place: { locality: "us/us-1", labels: {}, network: "" },
  },
];

const hosts = [
  "reviews",
  "mixed.default.svc.cluster.local",
  "db.data.svc.cluster.local",
  "*.local",
  "*.example.com",
  "*",
];
const policies = [
  { loadBalancer: { simple: "RANDOM" } },
  { tls: { mode: "DISABLE" } },
  {
    outlierDetection: { consecutive5xxErrors: 2 },
    loadBalancer: { localityLbSetting: { failover: [{ from: "eu", to: "us" }] } },
  },
  { portLevelSettings: [{ port: { number: 9081 }, connectionPool: { tcp: { maxConnections: 3 } } }] },
];

const rule: fc.Arbitrary<Resource> = fc
  .record({
    namespace: fc.constantFrom("default", "data", "istio-system"),
    name: fc.constantFrom("a", "b", "c"),
    age: fc.nat(3),
    host: fc.constantFrom(...hosts),
    exportTo: fc.constantFrom(undefined, ["."], ["*"], ["default"]),
    selector: fc.constantFrom(undefined, { matchLabels: { app: "db" } }),
    subsets: fc.constantFrom(
      undefined,
      [{ name: "v1", labels: { version: "v1" } }],
      [{ name: "v2", labels: { version: "v2" } }, { name: "v1" }],
    ),
    trafficPolicy: fc.constantFrom(undefined, ...policies),
  })
  .map(({ namespace, name, age, host, exportTo, selector, subsets, trafficPolicy }) =>
    made(
      types.DestinationRule,
      namespace,
      name,
      { host, exportTo, workloadSelector: selector, subsets, trafficPolicy },
      age,
    ),
  );

const peerAuthentication: fc.Arbitrary<Resource> = fc
  .record({
    namespace: fc.constantFrom("default", "data", "istio-system"),
    mode: fc.constantFrom("STRICT", "DISABLE", "PERMISSIVE"),
  })
  .map(({ namespace, mode }) => made(types.PeerAuthentication, namespace, "default", { mtls: { mode } }, 0));

const mesh: fc.Arbitrary<Resource> = fc.constantFrom(
  meshConfig({}),
  meshConfig({ rootNamespace: "data" }),
  meshConfig({ enableAutoMtls: false, defaultDestinationRuleExportTo: ["."] }),
);

const edit: fc.Arbitrary<Change> = fc.oneof(
  fc.oneof(rule, peerAuthentication, mesh, fc.constantFrom(...base)).map((put) => ({ put })),
  fc.oneof(rule, peerAuthentication, mesh, fc.constantFrom(...base)).map((remove) => ({ remove })),
);

/** An object whose position says which one it is, as an edited file's would. */
function made(type: string, namespace: string, name: string, spec: object, age: number): Resource {
  const first = base[0] as Resource;
  const defined = Object.fromEntries(Object.entries(spec).filter(([, v]) => v !== undefined));
  const origin = { ...first.origin, at: `${namespace}/${name}:${age}` };
  return Object.freeze({
    ...first,
    type,
    namespace,
    name,
    labels: {},
    spec: defined,
    status: undefined,
    createdAt: age,
    origin,
  });
}

test("after any edits the answer is the one from scratch", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(edit, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 }),
      (batches) => {
        const tracker = trackerOf(base);
        let snapshot = tracker.snapshot;
        for (const batch of batches) {
          snapshot = apply(snapshot, batch);
          tracker.advance(snapshot);
          for (const client of clients) configOf(tracker, client);
        }
        const fresh = new Tracker(snapshot);
        for (const client of clients) deepStrictEqual(configOf(tracker, client), configOf(fresh, client));
      },
    ),
    { numRuns: 40 },
  );
});
