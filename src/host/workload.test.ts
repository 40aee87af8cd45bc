import { describe, expect, test } from "vitest";
import type { Resource } from "../model/resource.ts";
import { shellWords } from "./shell-words.ts";
import { type Workload, workloadOf } from "./workload.ts";

const position = { file: "/shop/mesh/reviews.yaml", line: 3, column: 1 };

function deployment(template: object, spec: object = {}, annotations: Record<string, string> = {}): Resource {
  const origin = { ...position, at: "reviews.yaml:3:1", locate: () => position };
  const ref = { type: "Deployment.apps", namespace: "default", name: "reviews-v1" };
  return {
    ...ref,
    apiVersion: "apps/v1",
    labels: {},
    annotations,
    createdAt: 0,
    generation: 1,
    spec: { template, ...spec },
    origin,
  };
}

const runs = (run: string, more: object = {}) => ({
  metadata: { labels: { app: "reviews" }, annotations: { "weft.dev/run": run, ...more } },
});
const read = (resource: Resource, injected = true, revision = "1") =>
  workloadOf(resource, injected, revision) as Workload;

test("a Deployment with a command: defaults are Kubernetes'", () => {
  expect(read(deployment(runs("node src/reviews.ts --port 9080")))).toMatchObject({
    ...{
      namespace: "default",
      name: "reviews-v1",
      replicas: 1,
      serviceAccount: "default",
      proxy: "sidecar",
      folder: "/shop/mesh",
    },
    ...{
      command: ["node", "src/reviews.ts", "--port", "9080"],
      graceSeconds: 30,
      drainSeconds: 5,
      proxySettings: { concurrency: 1 },
    },
    rollout: { surge: 1, unavailable: 0, recreate: false },
  });
});

test.each([
  [
    "label",
    { metadata: { labels: { "sidecar.istio.io/inject": "false" }, annotations: { "weft.dev/run": "x" } } },
    true,
    "plain",
  ],
  ["annotation", runs("x", { "sidecar.istio.io/inject": "false" }), true, "plain"],
  ["namespace", runs("x"), false, "plain"],
  [
    "label against the namespace",
    { metadata: { labels: { "sidecar.istio.io/inject": "true" }, annotations: { "weft.dev/run": "x" } } },
    false,
    "sidecar",
  ],
  ["gateway", { metadata: { annotations: { "inject.istio.io/templates": "gateway" } } }, true, "router"],
])("injection by %s", (_, template, injected, proxy) => {
  expect(read(deployment(template), injected).proxy).toBe(proxy);
});

test("a Deployment that says nothing is told of, and not run", () => {
  expect(workloadOf(deployment({ spec: {} }), true, "1")).toMatchObject({ code: "WEFT0701", level: "Info", position });
});

test("a command with an open quote is refused with its place", () => {
  const found = workloadOf(deployment(runs(`node "x`)), true, "1");
  expect(found).toMatchObject({
    code: "WEFT0702",
    level: "Error",
    position,
    path: ["spec", "template", "metadata", "annotations", "weft.dev/run"],
  });
});

test("strategy: shares are rounded as Kubernetes does, and one of both is never zero", () => {
  const rollout = (spec: object) => read(deployment(runs("x"), spec)).rollout;
  expect(rollout({ replicas: 10 })).toEqual({ surge: 3, unavailable: 2, recreate: false });
  expect(rollout({ replicas: 3, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: "50%" } } })).toEqual({
    surge: 0,
    unavailable: 1,
    recreate: false,
  });
  expect(rollout({ replicas: 1, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }).unavailable).toBe(1);
  expect(rollout({ strategy: { type: "Recreate" } }).recreate).toBe(true);
});

test("proxy settings of the annotation; nonsense in it leaves the defaults", () => {
  const config = (text: string) => read(deployment(runs("x", { "proxy.istio.io/config": text })));
  expect(config("terminationDrainDuration: 12s\nconcurrency: 2")).toMatchObject({
    drainSeconds: 12,
    proxySettings: { concurrency: 2 },
  });
  expect(config("{{{")).toMatchObject({ drainSeconds: 5, proxySettings: { concurrency: 1 } });
  expect(config("just words")).toMatchObject({ drainSeconds: 5, proxySettings: { concurrency: 1 } });
});

test("the hash names what Pods depend on, and nothing else", () => {
  const hash = (resource: Resource, injected = true, revision = "1") => read(resource, injected, revision).hash;
  const one = hash(deployment(runs("x"), { replicas: 1 }));
  expect(one).toMatch(/^[b-df-hj-np-tv-z2456789]{10}$/);
  expect(hash(deployment(runs("x"), { replicas: 5 }))).toBe(one);
  expect(hash(deployment(runs("y")))).not.toBe(one);
  expect(hash(deployment(runs("x")), false)).not.toBe(one);
  expect(hash(deployment(runs("x")), true, "2")).not.toBe(one);
});

describe("the words of a command", () => {
  test.each<[string, string[] | undefined]>([
    ["node a.ts", ["node", "a.ts"]],
    ["  a\t b  ", ["a", "b"]],
    [`a 'b c' "d e"f`, ["a", "b c", "d ef"]],
    [`a\\ b "x\\"y" '\\n'`, ["a b", `x"y`, "\\n"]],
    [`a "" ''`, ["a", "", ""]],
    ["a $HOME `id` *", ["a", "$HOME", "`id`", "*"]],
    [`a 'b`, undefined],
    ["a \\", undefined],
    ["", []],
  ])("%j", (line, words) => {
    expect(shellWords(line)).toEqual(words);
  });
});
