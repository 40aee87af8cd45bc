import { deepStrictEqual, strictEqual } from "node:assert";
import { test } from "vitest";
import type { Discovery, Peer } from "../discovery/discovery.ts";
import type { Resource } from "../model/resource.ts";
import { apply, empty } from "../model/snapshot.ts";
import type { Span } from "../model/span.ts";
import { types } from "../model/types.ts";
import type { Log } from "../std/log.ts";
import { spansTaken } from "./spans.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
const identity = { trustDomain: "cluster.local", namespace: "shop", serviceAccount: "web" };
const node = (pod: string, namespace = "shop") => `sidecar~10.0.0.1~${pod}.${namespace}~${namespace}.svc.cluster.local`;

function bed(...objects: Resource[]) {
  const snapshot = apply(
    empty,
    objects.map((put) => ({ put })),
  );
  const got: Span[] = [];
  const spans = spansTaken({
    ...{ discovery: () => ({ snapshot }) as unknown as Discovery, trustDomain: "cluster.local", log },
    clock: { now: () => 1_000_000, after: () => () => {} },
  });
  spans.deliver((more) => got.push(...more));
  const post = (peer: Peer, value: unknown, headers = {}) =>
    spans.method[1](peer, Buffer.from(typeof value === "string" ? value : JSON.stringify(value)), headers);
  return { post, got };
}

function pod(name: string, app: string, account: string): Resource {
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: `${app}-v1-7d4`, controller: true };
  return {
    ...{ type: types.Pod, apiVersion: "v1", namespace: "shop", name, annotations: {}, createdAt: 0, generation: 1 },
    labels: { app, "pod-template-hash": "7d4" },
    spec: { serviceAccountName: account },
    data: { metadata: { name, ownerReferences: [owner] } },
    origin: { file: "", line: 1, col: 1, at: "" },
  } as unknown as Resource;
}

const span = (tags: Record<string, string> = {}) => ({
  ...{ traceId: "a1", id: "b2", kind: "SERVER", name: "x", timestamp: 5, duration: 6 },
  tags,
});
const whose = (spans: readonly Span[]) => spans.map((s) => [s.namespace, s.workload, s.pod]);

test("a span is of the workload whose Pod reports it, whatever it says itself", () => {
  const { post, got } = bed(pod("web-v1-7d4-x", "web", "web"));
  strictEqual(
    post({ identity }, [span({ node_id: node("web-v1-7d4-x") }), span()], { "x-weft-workload": "bank" }),
    202,
  );
  deepStrictEqual(whose(got), [
    ["shop", "web-v1", "web-v1-7d4-x"],
    ["shop", "web-v1", "web-v1-7d4-x"],
  ]);
});

test("where no span names the proxy, the Pod that its token is bound to does", () => {
  const { post, got } = bed(pod("web-v1-7d4-x", "web", "web"));
  strictEqual(post({ identity, pod: "web-v1-7d4-x" }, [span()]), 202);
  deepStrictEqual(whose(got), [["shop", "web-v1", "web-v1-7d4-x"]]);
});

test("a proxy cannot report for another's workload", () => {
  const { post, got } = bed(pod("web-v1-7d4-x", "web", "web"), pod("bank-v1-7d4-x", "bank", "bank"));
  strictEqual(post({ identity }, [span({ node_id: node("bank-v1-7d4-x") })]), 503);
  strictEqual(post({ identity }, [span({ node_id: node("web-v1-7d4-x", "other") })]), 403);
  strictEqual(post({ identity, pod: "web-v1-7d4-y" }, [span({ node_id: node("web-v1-7d4-x") })]), 403);
  strictEqual(post({}, [span({ node_id: node("web-v1-7d4-x") })]), 401);
  deepStrictEqual(got, []);
});

test("what is no list of spans is refused", () => {
  const { post, got } = bed();
  strictEqual(post({ identity, pod: "web-1" }, "not JSON"), 400);
  strictEqual(post({ identity }, [span()]), 400);
  deepStrictEqual(got, []);
});

test("a mesh that knows of no Pod takes the workload that the proxy was given", () => {
  const { post, got } = bed();
  strictEqual(post({ identity }, [span({ node_id: node("web-1") })], { "x-weft-workload": "web-v1" }), 202);
  deepStrictEqual(whose(got), [["shop", "web-v1", "web-1"]]);
});
