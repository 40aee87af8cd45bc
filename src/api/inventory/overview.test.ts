import { expect, test } from "vitest";
import { edgesOf } from "../edges.ts";
import { rosterOf } from "../roster.ts";
import { burning, calmMesh, deployment, object, pod, proxy, snapshotOf } from "../testdata/bookinfo.ts";
import { infrastructureOf } from "./infrastructure.ts";
import { overviewOf } from "./overview.ts";

const core = { apiVersion: "v1" };
const service = (name: string, namespace = "default") =>
  object("Service", name, { selector: { app: name }, ports: [{ port: 9080 }] }, { ...core, namespace });
const telemetry = { store: { where: "memory", bytes: 0, series: 0 }, history: "store" } as const;

test("sums up what there is, and which services stand out", () => {
  const names = ["productpage-v1", "reviews-v1", "reviews-v2"];
  const snapshot = snapshotOf(...names.map((n) => deployment(n)), service("reviews"), service("far", "elsewhere"));
  const state = calmMesh({ snapshot: () => snapshot });
  const of = (...namespaces: string[]) =>
    overviewOf(state, rosterOf(state), edgesOf(burning), { at: 1, namespaces: new Set(namespaces) });
  expect(of()).toMatchObject({
    workloads: { healthy: 2, failing: 1 },
    applications: { healthy: 1, failing: 1 },
    services: { degraded: 1, failing: 1 },
    traffic: { rate: 20, errorShare: 0.25, mtlsShare: 1, tcpBytes: 0 },
    first: { busiest: [{ name: "reviews", rate: 20 }], failing: [{ name: "reviews", errorShare: 0.25 }] },
  });
  expect(of("elsewhere")).toMatchObject({
    workloads: { healthy: 0, failing: 0 },
    services: { degraded: 1, failing: 0 },
    traffic: { rate: 0 },
  });
});

test("says what the mesh is made of, what holds for all, and whether anything stands where telemetry is sent", () => {
  const config = {
    meshMTLS: { minProtocolVersion: "TLSV1_3" },
    outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
    defaultProviders: { tracing: ["zipkin"] },
    extensionProviders: [
      { name: "zipkin", zipkin: { service: "zipkin.obs.svc.cluster.local", port: 9411 } },
      { name: "otel", opentelemetry: { service: "otel.obs.svc.cluster.local", port: 4317 } },
      { name: "far", opentelemetry: { service: "collector.example.com", port: 4317 } },
      { name: "file", envoyFileAccessLog: { path: "/dev/stdout" } },
    ],
  };
  const state = calmMesh({
    snapshot: () =>
      snapshotOf(
        object("MeshConfig", "istio", config, { apiVersion: "", type: "MeshConfig", namespace: "" }),
        service("zipkin", "obs"),
        object("Namespace", "default", {}, { ...core, namespace: "", labels: { "istio.io/rev": "canary" } }),
      ),
    pods: () => [pod("reviews-v1"), pod("zipkin", 0, { namespace: "obs", labels: { app: "zipkin" } })],
    proxies: () => [proxy("reviews-v1"), proxy("istio-ingressgateway", undefined, { envoyVersion: "1.39.0" })],
  });
  expect(infrastructureOf(state, rosterOf(state), [], telemetry)).toMatchObject({
    controlPlane: { version: "0.1.0", envoyVersion: "1.40.0", trustDomain: "cluster.local" },
    settings: {
      mtls: "permissive",
      autoMtls: true,
      minTlsVersion: "1.3",
      outboundPolicy: "REGISTRY_ONLY",
      at: "istio.yaml:3:1",
    },
    envoys: [
      { version: "1.39.0", proxies: 1 },
      { version: "1.40.0", proxies: 1 },
    ],
    dataPlanes: [{ namespace: "default", workloads: 2, proxies: 2, synced: 2, revision: "canary" }],
    gateways: [{ name: "istio-ingressgateway" }],
    telemetry: {
      providers: [
        {
          name: "zipkin",
          kind: "zipkin",
          address: "zipkin.obs.svc.cluster.local:9411",
          health: "healthy",
          defaultFor: ["tracing"],
        },
        { name: "otel", health: "failing" },
        { name: "far", health: "unknown" },
        { name: "file", health: "healthy", sentence: "needs no server" },
      ],
    },
  });
});
