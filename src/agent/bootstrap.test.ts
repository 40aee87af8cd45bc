import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BootstrapOptions, bootstrap } from "./bootstrap.ts";
import { controlPlaneName, rootSecret, tokenSecret } from "./bootstrap-xds.ts";
import { nodeId, type ProxyNode } from "./node.ts";
import { testEnvoy } from "./test-envoy.ts";

const node: ProxyNode = {
  kind: "sidecar",
  ip: "10.0.0.7",
  name: "reviews-v1-0",
  namespace: "default",
  labels: { app: "reviews", version: "v1" },
  annotations: {},
  serviceAccount: "bookinfo-reviews",
  workload: "reviews-v1",
  containers: ["reviews"],
  ports: [{ name: "http", containerPort: 9080, protocol: "TCP" }],
  kubeCluster: "Kubernetes",
  meshId: "cluster.local",
  dnsDomain: "cluster.local",
  nodeName: "laptop",
  locality: { region: "eu", zone: "eu-1", subzone: "a" },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "weft-bootstrap-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const local: Omit<BootstrapOptions, "xds"> = {
  admin: { path: "/run/weft/admin.sock" },
  listen: { anyone: "0.0.0.0", self: "127.0.0.1" },
  mark: 1337,
};

test("the node says what Istio's would, and not that Istio's agent runs it", () => {
  expect(nodeId(node)).toBe("sidecar~10.0.0.7~reviews-v1-0.default~default.svc.cluster.local");
  const made = bootstrap(node, { ...local, xds: { address: "10.0.0.1", port: 15012 } })["node"] as {
    cluster: string;
    locality: object;
    metadata: Record<string, unknown>;
  };
  expect(made.cluster).toBe("reviews.default");
  expect(made.locality).toEqual({ region: "eu", zone: "eu-1", sub_zone: "a" });
  expect(made.metadata).toMatchObject({
    ...{
      NAME: "reviews-v1-0",
      NAMESPACE: "default",
      SERVICE_ACCOUNT: "bookinfo-reviews",
      CLUSTER_ID: "Kubernetes",
      INSTANCE_IPS: "10.0.0.7",
    },
    ...{
      WORKLOAD_NAME: "reviews-v1",
      APP_CONTAINERS: "reviews",
      INTERCEPTION_MODE: "REDIRECT",
      LABELS: { app: "reviews", version: "v1" },
    },
  });
  expect(made.metadata).not.toHaveProperty("ISTIO_VERSION");
});

test("further metadata wins, and a gateway is not captured", () => {
  const made = bootstrap(
    { ...node, kind: "router", metadata: { WEFT_MODE: "loopback", NAME: "other" } },
    { ...local, xds: { address: "10.0.0.1", port: 15012 } },
  );
  expect(made["node"]).toMatchObject({
    id: expect.stringMatching(/^router~/),
    metadata: { INTERCEPTION_MODE: "NONE", WEFT_MODE: "loopback", NAME: "other" },
  });
});

test("what users say of its statistics and its runtime comes beside what every proxy has", () => {
  const made = bootstrap(node, {
    ...local,
    xds: { address: "10.0.0.1", port: 15012 },
    settings: {
      stats: { prefixes: ["http.{pod_ip}_"], suffixes: [], regexps: [] },
      statTags: ["shop.id"],
      histogramBuckets: [{ prefix: "istio", buckets: [1] }],
      statsFlushMs: 500,
      runtime: { "re2.max_program_size.error_level": "", flag: true },
    },
  });
  expect(made).toMatchObject({
    stats_config: {
      stats_tags: expect.arrayContaining([{ tag_name: "shop.id", regex: String.raw`(shop\.id\.=\.(.*?);\.)` }]),
      stats_matcher: {
        inclusion_list: { patterns: expect.arrayContaining([{ prefix: "istio" }, { prefix: "http.10.0.0.7_" }]) },
      },
    },
    stats_flush_interval: "0.5s",
    stats_eviction_interval: "60s",
    layered_runtime: { layers: [{ static_layer: { flag: true } }, {}] },
  });
  const { stats_config: counted, layered_runtime: runtime } = made as {
    stats_config: { histogram_bucket_settings: readonly object[] };
    layered_runtime: { layers: readonly { static_layer: object }[] };
  };
  // The first that matches counts.
  expect(counted.histogram_bucket_settings[0]).toEqual({ match: { prefix: "istio" }, buckets: [1] });
  expect(runtime.layers[0]?.static_layer).toEqual({ flag: true });
});

describe("a real Envoy takes the bootstrap", () => {
  const envoy = testEnvoy();

  const tls = () => ({
    san: controlPlaneName,
    tokenSds: join(folder, "sds-token.json"),
    rootSds: join(folder, "sds-root.json"),
  });

  test.each<[string, () => BootstrapOptions]>([
    ["with TLS and a token", () => ({ ...local, xds: { address: "10.0.0.1", port: 15012, tls: tls() } })],
    [
      "with the control plane's name",
      () => ({ ...local, xds: { address: "istiod.istio-system.svc", port: 15012, tls: tls() } }),
    ],
    [
      "in plaintext, without a mark, on loopback addresses",
      () => ({
        xds: { address: "127.0.0.1", port: 15010 },
        admin: { address: "127.77.0.1", port: 15000 },
        listen: { anyone: "127.77.0.1", self: "127.77.0.1" },
      }),
    ],
    [
      "with all that users may say of it",
      () => ({
        ...local,
        xds: { address: "127.0.0.1", port: 15010 },
        settings: {
          stats: { prefixes: ["http.{pod_ip}_"], suffixes: [".rq_time"], regexps: ["vhost\\..*"] },
          statTags: ["region", "shop.id"],
          histogramBuckets: [{ prefix: "cluster", buckets: [1, 2.5, 10] }],
          statsFlushMs: 7000,
          statsEvictionMs: 63_000,
          statsCompression: "zstd",
          runtime: { "envoy.reloadable_features.http_reject_path_with_fragment": false, "overload.x": "100" },
        },
      }),
    ],
  ])("%s", (_, options) => {
    writeFileSync(join(folder, "sds-token.json"), JSON.stringify(tokenSecret("a.b.c")));
    writeFileSync(join(folder, "sds-root.json"), JSON.stringify(rootSecret(rootCertificates[0] as string)));
    const file = join(folder, "bootstrap.json");
    writeFileSync(file, JSON.stringify(bootstrap(node, options())));
    const ran = spawnSync(
      envoy,
      ["--mode", "validate", "-c", file, "--disable-hot-restart", "--log-level", "warning"],
      { encoding: "utf8" },
    );
    expect(`${ran.stdout}${ran.stderr}`).toContain("OK");
    // A word of Envoy's about something deprecated or unknown would stand here.
    expect(ran.stderr.split("\n").filter((line) => /\[(warning|error|critical)\]/.test(line))).toEqual([]);
    expect(ran.status).toBe(0);
  });
});

test("15000 is for the Pod alone: where it has no place of its own there is the socket, for its user alone", () => {
  const made = (listen: BootstrapOptions["listen"]) =>
    bootstrap(node, {
      ...local,
      listen,
      admin: { path: "/run/a.sock" },
      xds: { address: "10.0.0.1", port: 15012 },
    }) as {
      readonly admin: { readonly address: unknown };
      readonly static_resources: { readonly listeners: readonly { readonly name: string }[] };
    };
  const names = (listen: BootstrapOptions["listen"]) => made(listen).static_resources.listeners.map(({ name }) => name);
  const apart = { anyone: "0.0.0.0", self: "127.0.0.1" };
  const together = { anyone: "127.77.0.1", self: "127.77.0.1" };
  expect(names(apart).filter((name) => name.includes("admin"))).toHaveLength(1);
  expect(names(together).filter((name) => name.includes("admin"))).toEqual([]);
  expect(made(together).admin.address).toEqual({ pipe: { path: "/run/a.sock", mode: 0o600 } });
});
