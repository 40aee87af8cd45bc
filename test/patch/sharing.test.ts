import { deepStrictEqual, notStrictEqual, ok, strictEqual } from "node:assert";
import { test } from "vitest";
import { proxyConfig, proxyKey } from "../../src/discovery/resources/proxy.ts";
import type { Proxy as MeshProxy } from "../../src/model/proxy.ts";
import { apply } from "../../src/model/snapshot.ts";
import type { Tracker } from "../../src/track/tracker.ts";
import type { ProxyConfig, XdsResource } from "../../src/xds/resource.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { resources, trackerOf } from "../cluster/mesh.ts";

// What patches cost: those whom they are not for nothing, and all others once for all who share them.

const service = (name: string, port = 80) => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {clusterIP: 10.96.0.${name.length}, selector: {app: ${name}}, ports: [{name: http, port: ${port}}]}
---`;
const filter = (name: string, spec: string, namespace = "shop") => `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}
---`;
const timeout = (seconds: number) =>
  `configPatches: [{applyTo: CLUSTER, match: {context: SIDECAR_OUTBOUND}, patch: {operation: MERGE, value: {connect_timeout: ${seconds}s}}}]`;
const mesh = service("a") + service("bb") + service("ccc");

function proxy(app: string, namespace = "shop"): MeshProxy {
  const name = `${app}-1`;
  const base = {
    kind: "sidecar" as const,
    namespace,
    name,
    serviceAccount: "default",
    workload: app,
    kubeCluster: "K",
  };
  const place = { locality: { region: "", zone: "", subzone: "" }, dnsDomain: "", istioAgent: false, metadata: {} };
  return { id: name, ips: ["10.0.0.1"], labels: { app }, ...base, ...place };
}

const configOf = (tracker: Tracker, of: MeshProxy): ProxyConfig => tracker.ask(proxyConfig, proxyKey(of));
const cluster = (config: ProxyConfig, name: string) =>
  config.get(TYPE.cluster)?.resources.get(`outbound|80||${name}.shop.svc.cluster.local`) as XdsResource;

test("who is not chosen has the very same sets as before; who is keeps those that no patch is for", () => {
  const tracker = trackerOf(resources(mesh, "m.yaml"));
  const before = { a: configOf(tracker, proxy("a")), bb: configOf(tracker, proxy("bb")) };
  const [put] = resources(filter("f", `{workloadSelector: {labels: {app: a}}, ${timeout(3)}}`), "f.yaml");
  ok(put);
  tracker.advance(apply(tracker.snapshot, [{ put }]));
  const after = { a: configOf(tracker, proxy("a")), bb: configOf(tracker, proxy("bb")) };
  for (const [type, set] of before.bb) strictEqual(after.bb.get(type), set, type);
  for (const [type, set] of before.a) {
    if (type === TYPE.cluster) notStrictEqual(after.a.get(type), set);
    else strictEqual(after.a.get(type), set, type);
  }
});

test("proxies with the same patches share what is patched, whatever patches others have", () => {
  const own = filter("g", `{workloadSelector: {labels: {app: ccc}}, ${timeout(4)}}`);
  const tracker = trackerOf(resources(mesh + filter("f", `{${timeout(3)}}`, "istio-system") + own, "m.yaml"));
  const [a, bb, ccc] = ["a", "bb", "ccc"].map((app) => configOf(tracker, proxy(app)));
  ok(a && bb && ccc);
  strictEqual(cluster(a, "a"), cluster(bb, "a"));
  notStrictEqual(cluster(a, "a"), cluster(ccc, "a"));
});

test("an edit of a service patches its own cluster again, and no other", () => {
  const tracker = trackerOf(resources(mesh + filter("f", `{${timeout(3)}}`), "m.yaml"));
  const before = configOf(tracker, proxy("a"));
  const rule = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: bb, namespace: shop}
spec: {host: bb, trafficPolicy: {connectionPool: {tcp: {maxConnections: 7}}}}`;
  tracker.advance(
    apply(
      tracker.snapshot,
      resources(rule, "r.yaml").map((put) => ({ put })),
    ),
  );
  const after = configOf(tracker, proxy("a"));
  notStrictEqual(cluster(after, "bb"), cluster(before, "bb"));
  for (const name of ["a", "ccc"]) strictEqual(cluster(after, name), cluster(before, name));
});

test("what a patch changed names it: so does a refusal", () => {
  const tracker = trackerOf(resources(mesh + filter("f", `{${timeout(3)}}`), "m.yaml"));
  const { origins } = cluster(configOf(tracker, proxy("a")), "a");
  const at = tracker.snapshot.objects.get("EnvoyFilter.networking.istio.io")?.get("shop")?.[0]?.origin.at as string;
  deepStrictEqual(
    origins.filter((origin) => origin === at),
    [at],
  );
});
