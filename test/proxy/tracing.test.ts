import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { once } from "node:events";
import http, { type IncomingHttpHeaders } from "node:http";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, test, vi } from "vitest";
import { spansPath, workloadHeader } from "../../src/envoy/telemetry/tracing.ts";
import { readZipkin } from "../../src/telemetry/spans/zipkin.ts";
import { configOf } from "./mesh.ts";
import { type Span, spansOf } from "./otlp.ts";
import { ownAddress } from "./own-address.ts";
import { ServedEnvoy } from "./served-envoy.ts";

// One real gateway that reports spans to a collector: of OpenTelemetry by HTTP and by gRPC, and of Zipkin.

const ip = ownAddress();
const running: { close(): void }[] = [];
const ports: Record<string, number> = {};
let envoy: ServedEnvoy;

/** What the collectors got: path, headers, body. */
let reports: { path: string; headers: IncomingHttpHeaders; body: Buffer }[];
/** Headers that the application got last. */
let seen: IncomingHttpHeaders;

const proxy = `proxy: {kind: router, namespace: istio-system, name: gateway, labels: {istio: ingressgateway}, ips: ["${ip}"],
  metadata: {WEFT_MODE: loopback, INTERCEPTION_MODE: NONE, WEFT_HTTP_PROXY_PORT: "0", MESH_ID: shop-mesh}}`;

const service = (name: string, protocol = "HTTP") => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}}
spec: {hosts: [${name}.mesh], resolution: STATIC, ports: [{number: 80, name: main, protocol: ${protocol}}], endpoints: [{address: 127.0.0.1, ports: {main: ${ports[name]}}}]}`;

const settings = `meshConfig:
  defaultProviders: {tracing: [otel]}
  extensionProviders:
  - {name: otel, opentelemetry: {service: collector.mesh, port: 80, http: {path: /v1/traces, headers: [{name: x-key, value: secret}]}, resourceDetectors: {environment: {}}}}
  - {name: grpc, opentelemetry: {service: grpc.mesh, port: 80, grpc: {timeout: 5s, initialMetadata: [{name: x-key, value: g}]}}}
  - {name: zipkin, zipkin: {service: collector.mesh, port: 80, headers: [{name: x-key, value: z}]}}`;

const routes = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 8080, name: http, protocol: HTTP}, hosts: ["*"]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: all}
spec: {hosts: ["*"], gateways: [istio-system/front], http: [{route: [{destination: {host: app.mesh}}]}]}`;

const telemetry = (tracing: object) => `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: mesh, namespace: istio-system}
spec: {tracing: [${JSON.stringify(tracing)}]}`;

const take = async (tracing: object) => {
  const mesh = [routes, service("app"), service("collector"), service("grpc", "GRPC"), telemetry(tracing)].join(
    "\n---",
  );
  deepStrictEqual(await envoy.take(configOf(proxy, settings, mesh), { asks: true }), []);
};

async function listening(name: string, handle: http.RequestListener): Promise<void> {
  const server = http.createServer(handle);
  await once(server.listen(0, "127.0.0.1"), "listening");
  ports[name] = (server.address() as AddressInfo).port;
  running.push(server);
}

/** A collector's gRPC: one message a call, which it takes. */
async function listeningForCalls(name: string): Promise<void> {
  const server = http2.createServer();
  server.on("stream", async (stream, headers) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    const message = await buffer(stream);
    reports.push({ path: String(headers[":path"]), headers, body: message.subarray(5) });
    stream.end(Buffer.alloc(5));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  ports[name] = (server.address() as AddressInfo).port;
  running.push(server);
}

beforeAll(async () => {
  await listening("app", (request, response) => {
    seen = request.headers;
    response.end("hello");
  });
  await listening("collector", async (request, response) => {
    reports.push({ path: String(request.url), headers: request.headers, body: await buffer(request) });
    response.end();
  });
  await listeningForCalls("grpc");
  const take = (_: string, body: Buffer, headers: IncomingHttpHeaders) => {
    reports.push({ path: "control plane", headers, body });
    return 202;
  };
  envoy = await ServedEnvoy.start({ ip, posts: new Map([[spansPath, take]]) });
});

beforeEach(() => {
  reports = [];
});

afterAll(async () => {
  await envoy?.stop();
  for (const server of running) server.close();
});

async function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<IncomingHttpHeaders> {
  const asked = http.get({ host: ip, port: 8080, path, headers, agent: false });
  const [response] = (await once(asked, "response")) as [http.IncomingMessage];
  strictEqual(await text(response), "hello");
  return seen;
}

const patient = { timeout: 20_000, interval: 50 };

describe("OpenTelemetry by HTTP", () => {
  const of = (path: string): readonly Span[] =>
    reports.flatMap(({ body }) => spansOf(body)).filter(({ tags }) => tags["http.url"]?.includes(path));

  test("each request has its spans, which name the workload and what the user asked for", async () => {
    await take({
      randomSamplingPercentage: 100,
      customTags: { user: { header: { name: "x-user" } }, kind: { literal: { value: "test" } } },
    });
    await get("/traced", { "x-user": "ann" });
    await vi.waitFor(() => ok(of("/traced").length > 0), patient);
    const { tags, resource } = of("/traced")[0] as Span;
    deepStrictEqual(
      [tags["user"], tags["kind"], tags["istio.namespace"], tags["istio.mesh_id"]],
      ["ann", "test", "istio-system", "shop-mesh"],
    );
    strictEqual(resource["service.name"], "gateway.istio-system");
    strictEqual(resource["team"], "shop");
    deepStrictEqual([reports[0]?.path, reports[0]?.headers["x-key"]], ["/v1/traces", "secret"]);
  });

  test("a trace that began elsewhere goes on, and the application learns of it", async () => {
    await take({ randomSamplingPercentage: 100 });
    const id = "4bf92f3577b34da6a3ce929d0e0e4736";
    const headers = await get("/goes-on", { traceparent: `00-${id}-00f067aa0ba902b7-01` });
    ok(headers["traceparent"]?.toString().startsWith(`00-${id}-`));
    await vi.waitFor(() => ok(of("/goes-on").length > 0), patient);
    strictEqual(of("/goes-on")[0]?.traceId, id);
  });

  test("what is not sampled, and what is switched off, is not reported", async () => {
    await take({ randomSamplingPercentage: 0 });
    await get("/unsampled");
    await take({ disableSpanReporting: true, randomSamplingPercentage: 100 });
    await get("/switched-off");
    await take({ randomSamplingPercentage: 100 });
    await get("/after");
    await vi.waitFor(() => ok(of("/after").length > 0), patient);
    deepStrictEqual([of("/unsampled").length, of("/switched-off").length], [0, 0]);
  });
});

test("OpenTelemetry by gRPC: the same spans, as calls of its TraceService", async () => {
  await take({ providers: [{ name: "grpc" }], randomSamplingPercentage: 100 });
  const id = "4bf92f3577b34da6a3ce929d0e0e4737";
  await get("/by-grpc", { traceparent: `00-${id}-00f067aa0ba902b7-01` });
  await vi.waitFor(() => ok(reports.length > 0), patient);
  strictEqual(reports[0]?.path, "/opentelemetry.proto.collector.trace.v1.TraceService/Export");
  strictEqual(reports[0]?.headers["x-key"], "g");
  const spans = reports.flatMap(({ body }) => spansOf(body)).filter(({ traceId }) => traceId === id);
  ok(spans.some(({ tags }) => tags["http.url"]?.endsWith("/by-grpc")));
  strictEqual(spans[0]?.resource["service.name"], "gateway.istio-system");
});

test("Zipkin: spans as JSON, and B3 headers for the application", async () => {
  await take({ providers: [{ name: "zipkin" }], randomSamplingPercentage: 100 });
  const headers = await get("/zipkin");
  strictEqual(headers["x-b3-sampled"], "1");
  strictEqual(String(headers["x-b3-traceid"]).length, 32);
  await vi.waitFor(() => ok(reports.length > 0), patient);
  strictEqual(reports[0]?.headers["x-key"], "z");
  strictEqual(reports[0]?.path, "/api/v2/spans");
  const spans = JSON.parse(String(reports[0]?.body)) as { traceId: string; tags: Record<string, string> }[];
  ok(spans.some((span) => span.traceId === headers["x-b3-traceid"] && span.tags["http.url"]?.endsWith("/zipkin")));
});

test("the control plane itself: spans over the connection of xDS, and both B3 and W3C for the application", async () => {
  await take({ providers: [{ name: "weft" }], randomSamplingPercentage: 100 });
  const headers = await get("/own?token=secret");
  const id = String(headers["x-b3-traceid"]);
  strictEqual(headers["traceparent"]?.toString().slice(3, 35), id);
  await vi.waitFor(() => ok(reports.some(({ path }) => path === "control plane")), patient);
  const told = reports.filter(({ path }) => path === "control plane");
  strictEqual(told[0]?.headers[workloadHeader], "gateway");
  const spans = told.flatMap(({ body }) => readZipkin(JSON.parse(String(body)))).filter((span) => span.trace === id);
  ok(
    spans.some((span) => span.kind === "server" && span.tags["http.url"]?.endsWith("/own") && span.node !== undefined),
  );
});

test("a trace that began elsewhere goes on, whichever of the two its context came in", async () => {
  await take({ providers: [{ name: "weft" }], randomSamplingPercentage: 100 });
  const id = "4bf92f3577b34da6a3ce929d0e0e4736";
  const w3c = await get("/w3c", { traceparent: `00-${id}-00f067aa0ba902b7-01` });
  strictEqual(w3c["x-b3-traceid"], id);
  const b3 = await get("/b3", { "x-b3-traceid": id, "x-b3-spanid": "00f067aa0ba902b7", "x-b3-sampled": "1" });
  ok(b3["traceparent"]?.toString().startsWith(`00-${id}-`));
});
