import { describe, expect, test } from "vitest";
import type { Resource } from "../../model/resource.ts";
import { edgesOf } from "../edges.ts";
import { rosterOf } from "../roster.ts";
import {
  burning,
  calm,
  calmMesh,
  deployment,
  labels,
  object,
  pod,
  proxy,
  requests,
  snapshotOf,
} from "../testdata/bookinfo.ts";
import { applicationsOf } from "./applications.ts";
import { externalsOf } from "./externals.ts";
import { gatewaysOf } from "./gateways.ts";
import { namespacesOf } from "./namespaces.ts";
import { servicesOf } from "./services.ts";

const names = ["productpage-v1", "reviews-v1", "reviews-v2"];
const core = { apiVersion: "v1" };
const service = (name: string, selector: object, more: Partial<Resource> = {}) =>
  object(
    "Service",
    name,
    { clusterIP: "10.1.0.7", selector, ports: [{ name: "http", port: 9080 }] },
    { ...core, ...more },
  );
const mesh = (...objects: Resource[]) => {
  const snapshot = snapshotOf(...names.map((n) => deployment(n)), ...objects);
  const state = calmMesh({ snapshot: () => snapshot });
  return { state, snapshot, roster: rosterOf(state) };
};
const peers = (namespace: string, mode: string, more: object = {}) =>
  object(
    "PeerAuthentication",
    `${mode}-${Object.keys(more).length}`.toLowerCase(),
    { mtls: { mode }, ...more },
    {
      apiVersion: "security.istio.io/v1",
      namespace,
    },
  );

describe("services", () => {
  test("have the workloads that they select, the traffic that asked for them, and the objects that bear on them", () => {
    const { snapshot, roster } = mesh(
      service("reviews", { app: "reviews" }),
      object("VirtualService", "split", {
        hosts: ["reviews"],
        http: [{ route: [{ destination: { host: "reviews" } }] }],
      }),
      object(
        "HTTPRoute",
        "by-path",
        { parentRefs: [{ kind: "Service", name: "reviews" }] },
        { apiVersion: "gateway.networking.k8s.io/v1" },
      ),
      object("DestinationRule", "elsewhere", { host: "details" }),
    );
    const [reviews] = servicesOf(snapshot, roster, edgesOf(burning), "cluster.local");
    expect(reviews).toMatchObject({
      host: "reviews.default.svc.cluster.local",
      health: "failing",
      sentence: "25 % of its requests fail, most with 503",
      workloads: ["workload/default/reviews-v1", "workload/default/reviews-v2"],
      endpoints: { ready: 2, total: 2 },
      inbound: { rate: 20, errorShare: 0.25 },
      ports: [{ number: 9080, name: "http", protocol: "http", target: "9080" }],
      address: "10.1.0.7",
    });
    expect(reviews?.objects.map((o) => `${o.kind} ${o.name}`)).toEqual(["VirtualService split", "HTTPRoute by-path"]);
  });

  test("say why nobody can be reached behind them", () => {
    const { snapshot, roster } = mesh(service("ghost", { app: "nobody" }), service("manual", {}));
    expect(servicesOf(snapshot, roster, [], "cluster.local").map((s) => [s.name, s.health, s.sentence])).toEqual([
      ["ghost", "degraded", "no Pod has the labels that it selects"],
      ["manual", "unknown", "its endpoints are listed by hand, not selected"],
    ]);
  });

  test("may bear more errors than is usual, by an annotation", () => {
    const bears = (text: string) => {
      const annotations = { "health.kiali.io/rate": text };
      const { snapshot, roster } = mesh(service("reviews", { app: "reviews" }, { annotations }));
      return servicesOf(snapshot, roster, edgesOf(burning), "cluster.local")[0]?.health;
    };
    expect(bears("5XX,30,60,http,inbound")).toBe("healthy");
    expect(bears("5XX,20,60,http,inbound")).toBe("degraded");
    expect(bears("404,0,1,http,inbound;503,10,25,.*,.*")).toBe("failing");
    expect(bears("5XX,90,95,http,outbound")).toBe("failing");
    expect(bears("(,90,95,http,inbound")).toBe("failing");
  });
});

test("a workload's own rule comes before its namespace's", () => {
  const rule = (text: string) => ({ annotations: { "health.kiali.io/rate": text } });
  const namespace = object("Namespace", "default", {}, { ...core, namespace: "", ...rule("503,80,90") });
  const state = (...objects: Resource[]) => calmMesh({ snapshot: () => snapshotOf(...objects) });
  const health = (...objects: Resource[]) =>
    applicationsOf(rosterOf(state(...objects)), edgesOf(burning)).find((a) => a.name === "reviews")?.health;
  expect(health(deployment("reviews-v2"))).toBe("failing");
  expect(health(deployment("reviews-v2"), namespace)).toBe("healthy");
  expect(health({ ...deployment("reviews-v2"), ...rule("503,40,90") }, namespace)).toBe("degraded");
});

test("an application is its versions as one, without what they call of each other", () => {
  const within = requests(70, labels("destination", "reviews-v1", "reviews-v2"));
  const found = applicationsOf(mesh().roster, edgesOf({ ...calm, totals: [...calm.totals, within] }));
  expect(found.map((a) => [a.name, a.versions, a.inbound.rate, a.outbound.rate])).toEqual([
    ["productpage", ["v1"], 0, 10],
    ["reviews", ["v1", "v2"], 10, 0],
  ]);
});

describe("namespaces", () => {
  test("count what is in them, and say what is worst", () => {
    const namespace = object(
      "Namespace",
      "default",
      {},
      { ...core, namespace: "", labels: { "istio-injection": "enabled" } },
    );
    const { state, roster } = mesh(service("reviews", { app: "reviews" }), namespace);
    expect(namespacesOf(state, roster, edgesOf(burning))).toMatchObject([
      {
        name: "default",
        health: "failing",
        sentence: "reviews-v2: 50 % of its requests fail, most with 503",
        workloads: { healthy: 2, degraded: 0, failing: 1, unknown: 0 },
        services: 1,
        applications: 2,
        inMesh: 3,
        injection: "enabled",
        mtls: "permissive",
      },
    ]);
  });

  test("take what their own PeerAuthentication says, else the mesh's; mixed where some of them differ", () => {
    const modes = (...objects: Resource[]) => {
      const { state, roster } = mesh(...objects);
      return namespacesOf(state, roster, []).find((n) => n.name === "default")?.mtls;
    };
    expect(modes(peers("istio-system", "STRICT"))).toBe("strict");
    expect(modes(peers("istio-system", "STRICT"), peers("default", "DISABLE"))).toBe("disabled");
    expect(modes(peers("istio-system", "STRICT"), peers("default", "UNSET"))).toBe("strict");
    expect(modes(peers("default", "PERMISSIVE", { selector: { matchLabels: { app: "reviews" } } }))).toBe("permissive");
    expect(modes(peers("default", "STRICT", { selector: { matchLabels: { app: "reviews" } } }))).toBe("mixed");
    const root = object(
      "MeshConfig",
      "istio",
      { rootNamespace: "roots" },
      { apiVersion: "", type: "MeshConfig", namespace: "" },
    );
    expect(modes(root, peers("roots", "STRICT"), peers("istio-system", "DISABLE"))).toBe("strict");
  });
});

test("a gateway opens what objects that select it say, with the routes bound there", () => {
  const state = calmMesh({
    pods: () => [pod("istio-ingressgateway")],
    proxies: () => [proxy("istio-ingressgateway")],
    snapshot: () =>
      snapshotOf(
        object("Gateway", "shop", {
          selector: { app: "istio" },
          servers: [
            {
              hosts: ["default/shop.example.com"],
              port: { number: 443, protocol: "HTTPS" },
              tls: { mode: "SIMPLE", credentialName: "cert" },
            },
          ],
        }),
        object("Gateway", "other", { selector: { app: "egress" }, servers: [{ hosts: ["*"], port: { number: 80 } }] }),
        object("VirtualService", "bound", { hosts: ["shop.example.com"], gateways: ["mesh", "shop"] }),
      ),
  });
  const [gateway, ...rest] = gatewaysOf(state.snapshot(), rosterOf(state), []);
  expect(rest).toEqual([]);
  expect(gateway?.servers).toMatchObject([
    {
      hosts: ["shop.example.com"],
      port: 443,
      protocol: "HTTPS",
      tls: "SIMPLE",
      credentials: ["cert"],
      routes: [{ name: "bound" }],
    },
  ]);
});

test("hosts outside are those that are called and those that an entry names", () => {
  const outside = (host: string) =>
    requests(
      20,
      labels("source", "productpage-v1", "unknown", { destination_service: host, destination_workload: "unknown" }),
    );
  const snapshot = snapshotOf(
    object("ServiceEntry", "maps", { hosts: ["maps.example.com", "*.tiles.example.com"] }),
    object("ServiceEntry", "inside", { hosts: ["vm.example.com"], location: "MESH_INTERNAL" }),
  );
  const edges = edgesOf({ covered: 10_000, totals: [outside("api.example.org"), outside("a.tiles.example.com")] });
  expect(externalsOf(snapshot, edges).map((e) => [e.host, e.entry?.name, e.outbound.rate, e.sentence])).toEqual([
    ["*.tiles.example.com", "maps", 0, "nobody called it lately"],
    ["a.tiles.example.com", "maps", 2, "answers well"],
    ["api.example.org", undefined, 2, "answers well; no ServiceEntry names it"],
    ["maps.example.com", "maps", 0, "nobody called it lately"],
  ]);
});
