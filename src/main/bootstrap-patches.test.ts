import { deepStrictEqual, match, strictEqual } from "node:assert";
import { test } from "vitest";
import { envoyBinary } from "../../test/cluster/envoy.ts";
import { bootstrap } from "../agent/bootstrap.ts";
import { Discovery } from "../discovery/discovery.ts";
import { readText } from "../sources/text/text.ts";
import type { Log } from "../std/log.ts";
import { bootstrapPatcher, envoyRefusal } from "./bootstrap-patches.ts";

const place = { nodeName: "n", locality: { region: "", zone: "", subzone: "" }, dnsDomain: "cluster.local" };
const pod = {
  kind: "sidecar" as const,
  ip: "10.0.0.7",
  name: "reviews-1",
  namespace: "shop",
  workload: "reviews",
  serviceAccount: "n",
};
const made = bootstrap(
  {
    ...pod,
    ...place,
    labels: { app: "reviews" },
    annotations: {},
    containers: [],
    ports: [],
    kubeCluster: "c",
    meshId: "m",
  },
  {
    xds: { address: "127.0.0.1", port: 1 },
    admin: { path: "/tmp/a.sock" },
    listen: { anyone: "127.0.0.1", self: "127.0.0.1" },
  },
);

/** What becomes of a bootstrap in a mesh with one EnvoyFilter, and what is logged. */
function patched(value: string, labels = "{app: reviews}") {
  const text = `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: f, namespace: shop}
spec: {workloadSelector: {labels: ${labels}}, configPatches: [{applyTo: BOOTSTRAP, patch: {operation: MERGE, value: ${value}}}]}`;
  const errors: object[] = [];
  const log: Log = {
    debug() {},
    info() {},
    warn() {},
    error: (_, fields) => void errors.push(fields ?? {}),
    with: () => log,
  };
  let run = () => {};
  const after = (_: number, later: () => void) => {
    run = later;
    return () => {};
  };
  const clock = { now: () => 0, after };
  const discovery = new Discovery({ clock, log, trustDomain: "cluster.local", sources: ["f"] });
  const changes = readText("f.yaml", text, () => [])
    .flatMap((r) => r.resources)
    .map((put) => ({ put }));
  discovery.apply("f", { changes, diagnostics: [] });
  run();
  const patcher = bootstrapPatcher({
    refusal: (bootstrap) => envoyRefusal(envoyBinary(), bootstrap),
    trustDomain: "cluster.local",
    log,
  });
  patcher.follow(discovery);
  return { bootstrap: patcher.patch(made, pod), elsewhere: patcher.patch(made, { namespace: "other" }), errors };
}

test("a patch is in the bootstrap of those that it chooses", () => {
  const { bootstrap, elsewhere, errors } = patched("{header_prefix: x-mesh, node: {cluster: other}}");
  deepStrictEqual(errors, []);
  strictEqual(bootstrap["header_prefix"], "x-mesh");
  deepStrictEqual((bootstrap["node"] as { id: string; cluster: string }).cluster, "other");
  deepStrictEqual(bootstrap["admin"], made["admin"]);
  deepStrictEqual(elsewhere, made);
  deepStrictEqual(patched("{header_prefix: x-mesh}", "{app: other}").bootstrap, made);
});

test("one that Envoy refuses is left out and told, with its place", () => {
  const { bootstrap, errors } = patched(
    "{static_resources: {clusters: [{name: bad, type: STATIC, connect_timeout: -1s}]}}",
  );
  deepStrictEqual(bootstrap, made);
  match(JSON.stringify(errors), /f\.yaml:1:1".*"error":"[^"]{10}/);
});
