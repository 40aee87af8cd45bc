import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { configOf } from "../proxy/mesh.ts";
import { ServedEnvoy } from "../proxy/served-envoy.ts";

// Envoy 1.40 refuses a cluster whose ring cannot be made, and yet counts it among those that warm up: beside a good cluster in the same
// response it then answers for no cluster any more. The product's xDS server gets it out of there.

const host = (name: string, address: string) => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: default}
spec:
  hosts: [${name}.test]
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: STATIC
  location: MESH_EXTERNAL
  endpoints: [{address: ${address}}]
---
`;
const badRing = (name: string) => `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: ${name}, namespace: istio-system}
spec:
  configPatches:
  - applyTo: CLUSTER
    match: {cluster: {name: ${cluster(name)}}}
    patch:
      operation: MERGE
      value: {load_balancing_policy: null, lb_policy: RING_HASH, ring_hash_lb_config: {minimum_ring_size: 4096, maximum_ring_size: 1024}}
---
`;
const cluster = (name: string) => `outbound|80||${name}.test`;
const refusal = (name: string) =>
  `${cluster(name)}: Error adding/updating cluster(s) ${cluster(name)}: ring hash: minimum_ring_size (4096) > maximum_ring_size (1024)`;
const [first, second, third, fourth] = ["first", "second", "third", "fourth"].map((name, i) =>
  host(name, `10.2.0.${i}`),
) as [string, string, string, string];

let envoy: ServedEnvoy;
beforeAll(async () => {
  envoy = await ServedEnvoy.start({ ip: "0.0.0.0", alone: true });
});
afterAll(() => envoy?.stop());

/** Waits until this cluster alone (and its endpoints, for which Envoy may not ask) is not what it should be; all else is sent, answered, warm. */
const missingOnly = (name: string) =>
  vi.waitFor(
    async () => {
      const missing = await envoy.missing();
      expect(missing.filter((one) => one !== `ClusterLoadAssignment ${cluster(name)}`)).toEqual([
        `Cluster ${cluster(name)}`,
      ]);
    },
    { timeout: 20_000, interval: 20 },
  );

/** Names of the clusters that it serves. */
async function active(): Promise<readonly string[]> {
  const lines = (await envoy.admin("/clusters")).matchAll(/^(outbound\|80\|\|[a-z]+\.test)::added_via_api/gm);
  return [...lines].map((line) => line[1] as string).sort();
}

test("a new cluster that is refused beside a good one is found; the good one serves, and the next is answered", async () => {
  expect(await envoy.take(configOf(first))).toEqual([]);
  expect(await envoy.take(configOf(first, second, badRing("second"), third))).toEqual([refusal("second")]);
  await missingOnly("second");
  expect(await active()).toEqual([cluster("first"), cluster("third")]);
  // Had the refused one stayed, the next good one would not be answered.
  const taken = envoy.take(configOf(first, second, badRing("second"), third, fourth));
  await missingOnly("second");
  expect(await active()).toEqual([cluster("first"), cluster("fourth"), cluster("third")]);
  expect(await envoy.take(configOf(first, second))).toEqual([]);
  expect(await taken).toEqual([]);
}, 60_000);

test("an edit that is refused beside a good one leaves the version before in force", async () => {
  expect(await envoy.take(configOf(first, second))).toEqual([]);
  expect(await envoy.take(configOf(first, badRing("first"), second, third))).toEqual([refusal("first")]);
  await missingOnly("first");
  expect(await active()).toEqual([cluster("first"), cluster("second"), cluster("third")]);
  expect(await envoy.admin("/config_dump?resource=dynamic_active_clusters")).not.toContain("minimum_ring_size");
  expect(await envoy.take(configOf(first, second, third))).toEqual([]);
}, 60_000);
