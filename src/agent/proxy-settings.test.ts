import { expect, test } from "vitest";
import type { Resource } from "../model/resource.ts";
import { apply, empty } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { proxySettings } from "./proxy-settings.ts";

const at = { file: "t.yaml", line: 1, column: 1 };
function object(type: string, namespace: string, name: string, spec: object): Resource {
  const origin = { ...at, at: "t.yaml:1:1", locate: () => at };
  const base = { apiVersion: "v1", labels: {}, annotations: {}, createdAt: 0, generation: 1 };
  return Object.freeze({ type, namespace, name, ...base, spec, origin });
}
const meshConfig = (defaultConfig: object) => object("MeshConfig", "", "istio", { defaultConfig });
const config = (namespace: string, name: string, spec: object) => object(types.ProxyConfig, namespace, name, spec);
const settings = (objects: readonly Resource[], annotation?: string, labels = { app: "web" }) =>
  proxySettings(
    apply(
      empty,
      objects.map((put) => ({ put })),
    ),
    {
      namespace: "default",
      labels,
      annotations: annotation === undefined ? {} : { "proxy.istio.io/config": annotation },
    },
  );

const plain = { env: {}, args: [], bootstrap: {} };

test("nothing said: one thread, five seconds", () => {
  expect(settings([])).toEqual({ concurrency: 1, drainSeconds: 5, ...plain });
});

test("the annotation counts more than ProxyConfigs, the workload's more than the namespace's, all more than the mesh", () => {
  const mesh = meshConfig({ concurrency: 2, terminationDrainDuration: "9s", proxyMetadata: { A: "mesh", B: "mesh" } });
  const root = config("istio-system", "root", { concurrency: 3, environmentVariables: { B: "root", C: "root" } });
  const wide = config("default", "all", { concurrency: 4, environmentVariables: { C: "wide", D: "wide" } });
  const own = config("default", "own", { selector: { matchLabels: { app: "web" } }, concurrency: 5 });
  const other = config("default", "other", { selector: { matchLabels: { app: "db" } }, concurrency: 6 });
  expect(settings([mesh]).concurrency).toBe(2);
  expect(settings([mesh, root]).concurrency).toBe(3);
  expect(settings([mesh, root, wide, other]).concurrency).toBe(4);
  expect(settings([mesh, root, wide, own, other])).toMatchObject({
    concurrency: 5,
    drainSeconds: 9,
    env: { A: "mesh", B: "root", C: "wide", D: "wide" },
  });
  expect(settings([mesh, own], "concurrency: 7\nterminationDrainDuration: 1s\nproxyMetadata: {A: pod}")).toMatchObject({
    concurrency: 7,
    drainSeconds: 1,
    env: { A: "pod", B: "mesh" },
  });
});

test("0 threads is one for each processor, and nonsense says nothing", () => {
  expect(settings([], "concurrency: 0").concurrency).toBe(0);
  for (const text of ["{{{", "just words", "concurrency: many", "[]", "proxyMetadata: 7", "null"])
    expect(settings([], text)).toEqual({ concurrency: 1, drainSeconds: 5, ...plain });
});

test("how long connections are kept, and when logs are written", () => {
  const mesh = meshConfig({ drainDuration: "45s", fileFlushInterval: "0.5s", fileFlushMinSizeKb: 64 });
  expect(settings([mesh])).toMatchObject({
    drainSeconds: 5,
    listenerDrainSeconds: 45,
    args: ["--file-flush-interval-msec", "500", "--file-flush-min-size-kb", "64"],
  });
  expect(settings([mesh], "drainDuration: 10ms").listenerDrainSeconds).toBe(1);
  expect(settings([], "drainDuration: soon\nfileFlushInterval: 0s\nfileFlushMinSizeKb: -1")).toMatchObject(plain);
});

test("EXIT_ON_ZERO_ACTIVE_CONNECTIONS: a Pod that leaves waits for its last connection", () => {
  expect(settings([], "proxyMetadata: {EXIT_ON_ZERO_ACTIVE_CONNECTIONS: 'true'}").drainSeconds).toBeUndefined();
  expect(settings([], "proxyMetadata: {EXIT_ON_ZERO_ACTIVE_CONNECTIONS: 'false'}").drainSeconds).toBe(5);
});

test("serviceCluster and tracingServiceName name the node's cluster, meshId its mesh", () => {
  expect(settings([meshConfig({ serviceCluster: "shop", meshId: "east" })])).toMatchObject({
    cluster: "shop",
    meshId: "east",
  });
  // What Istio writes itself.
  expect(settings([meshConfig({ serviceCluster: "istio-proxy" })]).cluster).toBeUndefined();
  expect(settings([meshConfig({ tracingServiceName: "CANONICAL_NAME_ONLY" })]).cluster).toBe("web");
  expect(settings([meshConfig({ tracingServiceName: "CANONICAL_NAME_AND_NAMESPACE" })]).cluster).toBeUndefined();
});
