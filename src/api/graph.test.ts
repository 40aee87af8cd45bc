import { describe, expect, test } from "vitest";
import type { Step } from "../store/store.ts";
import { edgesOf } from "./edges.ts";
import { graphOf } from "./graph.ts";
import { meshOf } from "./mesh.ts";
import { podsOf } from "./pods.ts";
import { proxySummary } from "./proxy-state.ts";
import { rosterOf } from "./roster.ts";
import type { MeshState } from "./state.ts";
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
} from "./testdata/bookinfo.ts";
import { workloadsOf } from "./workloads.ts";

const now = 1_700_000_000_000;
const from = "productpage-v1";
const all = { at: now, window: 60, namespaces: new Set<string>() };
const graph = (state: MeshState, step: Pick<Step, "covered" | "totals">, query = all) =>
  graphOf(edgesOf(step), rosterOf(state), query);

describe("graph", () => {
  test("shows every workload, with traffic or without, and how it fares", () => {
    const { nodes, edges } = graph(calmMesh(), burning);
    expect(nodes.map((n) => [n.id, n.type, n.app, n.version, n.health, n.inMesh])).toEqual([
      ["workload/default/productpage-v1", "workload", "productpage", "v1", "healthy", true],
      ["workload/default/reviews-v1", "workload", "reviews", "v1", "healthy", true],
      ["workload/default/reviews-v2", "workload", "reviews", "v2", "failing", true],
    ]);
    expect(edges.map((e) => [e.target, e.rate, e.errorShare])).toEqual([
      ["workload/default/reviews-v1", 10, 0],
      ["workload/default/reviews-v2", 10, 0.5],
    ]);
    expect(Object.keys(edges[0] ?? {})).not.toContain("latency");
  });

  test("of a namespace shows what it holds and what its edges lead to", () => {
    const totals = [
      requests(
        10,
        labels("source", from, "reviews-v1", {
          destination_workload: "unknown",
          destination_service: "api.example.com",
        }),
      ),
    ];
    const shown = graph(calmMesh(), { covered: 10_000, totals }, { ...all, namespaces: new Set(["default"]) });
    expect(shown.nodes.find((n) => n.type === "external")).toMatchObject({
      id: "external/api.example.com",
      name: "api.example.com",
      inMesh: false,
    });
    expect(graph(calmMesh(), { covered: 10_000, totals }, { ...all, namespaces: new Set(["shop"]) })).toMatchObject({
      nodes: [],
      edges: [],
    });
  });

  test("a router's proxy makes a gateway; a workload without a proxy is not in the mesh", () => {
    const state = calmMesh({ proxies: () => [proxy("istio-ingressgateway")] });
    const types = Object.fromEntries(graph(state, calm).nodes.map((n) => [n.name, [n.type, n.inMesh]]));
    expect(types).toEqual({
      "istio-ingressgateway": ["gateway", true],
      "productpage-v1": ["workload", false],
      "reviews-v1": ["workload", false],
      "reviews-v2": ["workload", false],
    });
  });
});

describe("workloads", () => {
  const of = (state: MeshState, step = calm) => workloadsOf(edgesOf(step), rosterOf(state));
  const named = (state: MeshState, name: string, step = calm) => of(state, step).find((w) => w.name === name);

  test("well", () => {
    expect(named(calmMesh(), "reviews-v1")).toMatchObject({
      health: "healthy",
      sentence: "1 of 1 ready, in sync",
      kind: "sidecar",
      serviceAccount: "reviews",
      replicas: { desired: 1, ready: 1 },
      inbound: { rate: 10, errorShare: 0, p95: 4.8 },
      outbound: { rate: 0, errorShare: 0 },
      proxies: [{ id: "reviews-v1-0.default", sync: "synced", application: "running" }],
    });
  });

  test("failing requests", () => {
    expect(named(calmMesh(), "reviews-v2", burning)).toMatchObject({
      health: "failing",
      sentence: "50 % of its requests fail, most with 503",
    });
  });

  test("a crash", () => {
    const crashed = pod("reviews-v1", 0, {
      ready: false,
      application: "crashed",
      restarts: 3,
      message: "exited with code 1",
    });
    expect(named(calmMesh({ pods: () => [crashed] }), "reviews-v1")).toMatchObject({
      health: "failing",
      sentence: "reviews-v1-0 crashed (exited with code 1); started again 3 times",
    });
  });

  test("a gateway received what it sent on, as nobody else reports what comes from outside", () => {
    const state = calmMesh({ proxies: () => [proxy("istio-ingressgateway"), proxy(from)] });
    const totals = [requests(100, labels("source", "istio-ingressgateway", from)), ...calm.totals];
    const sent = { rate: 10, errorShare: 0 };
    const step = { covered: 10_000, totals };
    expect(named(state, "istio-ingressgateway", step)).toMatchObject({
      kind: "gateway",
      inbound: sent,
      outbound: sent,
    });
    expect(named(calmMesh(), from)).toMatchObject({ kind: "sidecar", inbound: { rate: 0 }, outbound: sent });
  });

  test("too few replicas", () => {
    const state = calmMesh({
      snapshot: () => snapshotOf(deployment("reviews-v1", 2)),
      pods: () => [pod("reviews-v1"), pod("reviews-v1", 1, { ready: false, application: "starting" })],
    });
    expect(named(state, "reviews-v1")).toMatchObject({
      health: "degraded",
      sentence: "1 of 2 replicas ready; waiting for reviews-v1-1",
    });
  });

  test("a refused listener, in Envoy's words, with its file", () => {
    const refusing = proxy("reviews-v1", {
      LDS: { sent: 4, acked: 3, error: "duplicate address 0.0.0.0_9080", origins: ["gateway.yaml:12:1"] },
    });
    expect(named(calmMesh({ proxies: () => [refusing] }), "reviews-v1")).toMatchObject({
      health: "degraded",
      sentence:
        "reviews-v1-0.default refused LDS from gateway.yaml:12:1 and keeps what it had: duplicate address 0.0.0.0_9080",
      proxies: [{ sync: "refused" }],
    });
  });
});

test("proxy-status says of each type what istioctl says", () => {
  const types = { CDS: { sent: 9, acked: 9 }, LDS: { sent: 4, acked: 3 }, RDS: { sent: 1, acked: 0, error: "no" } };
  const summary = proxySummary(proxy("reviews-v1", types));
  expect(Object.entries(summary.types).map(([type, t]) => [type, t.state])).toEqual([
    ["CDS", "SYNCED"],
    ["LDS", "STALE"],
    ["EDS", "NOT SENT"],
    ["RDS", "ERROR"],
    ["SRDS", "NOT SENT"],
    ["SDS", "NOT SENT"],
  ]);
});

describe("mesh", () => {
  const sentence = (state: MeshState, step = calm) => {
    const mesh = meshOf(state, rosterOf(state), edgesOf(step));
    return [mesh.health, mesh.sentence];
  };
  test("says the one thing that matters", () => {
    expect(sentence(calmMesh())).toEqual(["healthy", "all 3 proxies in sync"]);
    expect(sentence(calmMesh({ proxies: () => [], pods: () => [] }))).toEqual([
      "unknown",
      "no proxy has connected yet",
    ]);
    const waiting = calmMesh({
      proxies: () => [proxy("reviews-v1"), proxy("reviews-v2", { CDS: { sent: 3, acked: 1 } })],
    });
    expect(sentence(waiting)).toEqual(["degraded", "1 of 2 proxies in sync; waiting for reviews-v2-0"]);
    expect(sentence(calmMesh(), burning)).toEqual(["failing", "reviews-v2: 50 % of its requests fail, most with 503"]);
  });
});

test("pods are read off Kubernetes' status", () => {
  const state = (name: string, containers: unknown[], ready: boolean) =>
    object(
      "Pod",
      name,
      { serviceAccountName: "reviews" },
      {
        apiVersion: "v1",
        labels: { app: "reviews", version: "v1" },
        status: {
          phase: "Running",
          podIP: "10.0.0.9",
          conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
          containerStatuses: containers,
        },
      },
    );
  const running = { name: "app", restartCount: 0, state: { running: {} } };
  const crashed = {
    name: "app",
    restartCount: 4,
    state: { waiting: { reason: "CrashLoopBackOff", message: "exited with code 1" } },
  };
  const envoy = { name: "istio-proxy", restartCount: 9, state: { running: {} } };
  const snapshot = snapshotOf(
    deployment("reviews-v1"),
    state("reviews-v1-abc-1", [running, envoy], true),
    state("reviews-v1-abc-2", [crashed, envoy], false),
    { ...state("other-0", [envoy], true), labels: {} },
  );
  expect(podsOf(snapshot).map((p) => [p.name, p.workload, p.ready, p.application, p.restarts, p.message])).toEqual([
    ["other-0", "other", true, "none", 0, undefined],
    ["reviews-v1-abc-1", "reviews-v1", true, "running", 0, undefined],
    ["reviews-v1-abc-2", "reviews-v1", false, "crashed", 4, "exited with code 1"],
  ]);
});
