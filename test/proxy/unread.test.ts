import { deepStrictEqual } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { decodeResource } from "../../src/main/decode.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { configOf } from "./mesh.ts";

// Which requests a workload's proxy passes on unread, and whether its callers speak so that it can: the table of docs/metrics.md.

const base = `${readFileSync(join(import.meta.dirname, "testdata/mesh.yaml"), "utf8")}
---
apiVersion: v1
kind: Service
metadata: {name: more}
spec: {clusterIP: 10.96.0.2, selector: {app: reviews}, ports: [{name: grpc, port: 9081}, {name: grpc-web, port: 9082}, {name: sniffed, port: 9083}, {name: tcp, port: 9084}]}
---
apiVersion: v1
kind: Pod
metadata: {name: reviews-v1, labels: {app: reviews, security.istio.io/tlsMode: istio}}
spec: {serviceAccountName: default}
status: {podIP: 10.0.0.1}
`;
const proxy = `---
proxy: {labels: {app: reviews, security.istio.io/tlsMode: istio}}
`;

const telemetry = (spec: string, name = "off") => `---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: ${name}}
spec: ${spec}
`;
/** Of a namespace only one counts that chooses no workload. */
const chosen = (spec: string, name: string) =>
  telemetry(`{selector: {matchLabels: {app: reviews}}, ${spec.slice(1)}`, name);
const off = telemetry("{metrics: [{overrides: [{match: {mode: SERVER}, disabled: true}]}]}");
const object = (apiVersion: string, kind: string, spec: string, namespace = "default") => `---
apiVersion: ${apiVersion}
kind: ${kind}
metadata: {name: one, namespace: ${namespace}}
spec: ${spec}
`;
const config = (spec: string) => `---
meshConfig: ${spec}
`;

/** Ports of the server at which requests pass unread, and those at which callers ask for that. */
function unreadAt(...texts: readonly string[]): { server: readonly number[]; callers: readonly number[] } {
  const served = configOf(base, proxy, ...texts);
  const listener = served.get(TYPE.listener)?.resources.get("virtualInbound");
  const { filter_chains: chains } = decodeResource(TYPE.listener, listener?.body as Uint8Array) as {
    filter_chains: { name: string; filter_chain_match: { destination_port: number } }[];
  };
  const clusters = [...(served.get(TYPE.cluster)?.resources.values() ?? [])]
    .filter(({ body }) => Buffer.from(body).includes("weft-h"))
    .map(({ name }) => Number(name.split("|")[1]));
  return {
    server: chains
      .filter(({ name }) => name.endsWith("-unread"))
      .map(({ filter_chain_match: match }) => match.destination_port),
    callers: clusters.sort(),
  };
}

const both = (...ports: readonly number[]) => ({ server: ports, callers: ports });
const all = both(9080, 9081);

describe("with the server's metrics off, requests pass unread", () => {
  test.each([
    ["of HTTP and gRPC", ""],
    ["for whom the own traces are", chosen("{tracing: [{match: {mode: CLIENT}, randomSamplingPercentage: 1}]}", "t")],
    ["where callers' logs are asked for", chosen("{accessLogging: [{match: {mode: CLIENT}}]}", "logs")],
    [
      "where policies are another workload's",
      object("security.istio.io/v1", "AuthorizationPolicy", "{selector: {matchLabels: {app: ratings}}}"),
    ],
    [
      "where only what goes out is patched",
      object(
        "networking.istio.io/v1alpha3",
        "EnvoyFilter",
        "{configPatches: [{applyTo: HTTP_FILTER, match: {context: SIDECAR_OUTBOUND}, patch: {operation: INSERT_FIRST, value: {name: x}}}]}",
      ),
    ],
    [
      "where only calls are extended",
      object("extensions.istio.io/v1alpha1", "WasmPlugin", "{url: file:///x.wasm, match: [{mode: CLIENT}]}"),
    ],
    [
      "whatever callers' headers are to be",
      config("{defaultConfig: {proxyHeaders: {attemptCount: {disabled: true}}}}"),
    ],
  ])("%s", (_, more) => deepStrictEqual(unreadAt(off, more), all));

  test("where all metrics have no provider", () =>
    deepStrictEqual(unreadAt(config("{defaultProviders: {metrics: []}}")), all));

  test("of HTTP alone where messages of gRPC are counted", () => {
    const names = ["REQUEST_COUNT", "REQUEST_DURATION", "REQUEST_SIZE", "RESPONSE_SIZE"];
    const overrides = names.map((metric) => `{match: {metric: ${metric}}, disabled: true}`);
    deepStrictEqual(unreadAt(telemetry(`{metrics: [{overrides: [${overrides}]}]}`)), both(9080));
  });
});

describe("requests are read", () => {
  test.each([
    ["as usual", ""],
    [
      "where one metric is counted",
      telemetry("{metrics: [{overrides: [{match: {metric: REQUEST_COUNT}, disabled: true}]}]}"),
    ],
    ["where only callers count none", telemetry("{metrics: [{overrides: [{match: {mode: CLIENT}, disabled: true}]}]}")],
    [
      "for traces that go to a collector",
      off +
        config(
          "{extensionProviders: [{name: z, zipkin: {service: reviews.default.svc.cluster.local, port: 9080}}], defaultProviders: {tracing: [z]}}",
        ),
    ],
    ["for logs", off + config("{accessLogFile: /dev/stdout}")],
    ["for a Telemetry's logs", off + chosen("{accessLogging: [{providers: [{name: envoy}]}]}", "logs")],
    [
      "for a policy",
      off + object("security.istio.io/v1", "AuthorizationPolicy", "{rules: [{to: [{operation: {methods: [GET]}}]}]}"),
    ],
    [
      "for a policy of connections, which shall hold at once",
      off +
        object(
          "security.istio.io/v1",
          "AuthorizationPolicy",
          "{rules: [{from: [{source: {namespaces: [a]}}]}]}",
          "istio-system",
        ),
    ],
    ["for tokens", off + object("security.istio.io/v1", "RequestAuthentication", "{jwtRules: [{issuer: a}]}")],
    [
      "for limits",
      off +
        object("weft.dev/v1", "RateLimit", "{scope: Local, rules: [{name: a, limit: {requests: 1, unit: Minute}}]}"),
    ],
    ["for compression", off + object("weft.dev/v1", "Compression", "{minBytes: 1}")],
    ["for an extension", off + object("extensions.istio.io/v1alpha1", "WasmPlugin", "{url: file:///x.wasm}")],
    [
      "for a patch",
      off +
        object(
          "networking.istio.io/v1alpha3",
          "EnvoyFilter",
          "{configPatches: [{applyTo: HTTP_FILTER, match: {context: SIDECAR_INBOUND, proxy: {metadata: {a: b}}}, patch: {operation: INSERT_FIRST, value: {name: x}}}]}",
        ),
    ],
    [
      "for x-forwarded-client-cert",
      off + config("{defaultConfig: {proxyHeaders: {forwardedClientCert: APPEND_FORWARD}}}"),
    ],
    ["for paths in one form", off + config("{pathNormalization: {normalization: MERGE_SLASHES}}")],
  ])("%s", (_, more) => deepStrictEqual(unreadAt(more), both()));

  test("for somebody who learns: callers speak so, and the listener stays", () =>
    deepStrictEqual(unreadAt(off, chosen("{accessLogging: [{providers: [{name: weft}]}]}", "learn")), {
      ...all,
      callers: [],
    }));

  test("where connections to the application are limited", () =>
    deepStrictEqual(
      unreadAt(
        off,
        object("networking.istio.io/v1", "Sidecar", "{inboundConnectionPool: {http: {http2MaxRequests: 1}}}"),
      ).server,
      [],
    ));

  test("by the proxy that its own annotation tells how", () =>
    deepStrictEqual(
      unreadAt(off, `---\nproxy: {metadata: {PROXY_CONFIG: {proxyHeaders: {forwardedClientCert: SANITIZE_SET}}}}\n`)
        .server,
      [],
    ));

  test("where one of its workloads does not take mTLS", () => {
    const outside = `---
apiVersion: v1
kind: Pod
metadata: {name: reviews-v2, labels: {app: reviews}}
spec: {}
status: {podIP: 10.0.0.2}
`;
    deepStrictEqual(unreadAt(off, outside), { ...all, callers: [] });
  });

  test("by callers that must speak HTTP/2", () =>
    deepStrictEqual(
      unreadAt(
        off,
        object(
          "networking.istio.io/v1",
          "DestinationRule",
          "{host: reviews, trafficPolicy: {connectionPool: {http: {maxConcurrentStreams: 7}}}}",
        ),
      ),
      { ...all, callers: [9081] },
    ));
});
