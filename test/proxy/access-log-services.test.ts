import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fromBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, beforeEach, test, vi } from "vitest";
import { StreamAccessLogsMessageSchema } from "../../src/gen/envoy/service/accesslog/v3/als_pb.js";
import { configOf } from "./mesh.ts";
import { ownAddress } from "./own-address.ts";
import { ServedEnvoy } from "./served-envoy.ts";

// One real gateway that sends its access logs to a service over gRPC: Envoy's own, and OpenTelemetry's.

const ip = ownAddress();
let envoy: ServedEnvoy;
let application: http.Server;
let collector: http2.Http2Server;

/** Messages that the collector got: the method's path, and the message. */
let messages: { path: string; body: Buffer }[];

const proxy = `proxy: {kind: router, namespace: istio-system, name: gateway, labels: {istio: ingressgateway}, ips: ["${ip}"],
  metadata: {WEFT_MODE: loopback, INTERCEPTION_MODE: NONE, WEFT_HTTP_PROXY_PORT: "0"}}`;

const portOf = (server: { address(): AddressInfo | string | null }) => (server.address() as AddressInfo).port;

const service = (name: string, protocol: string, port: number) => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}}
spec: {hosts: [${name}.mesh], resolution: STATIC, ports: [{number: 80, name: main, protocol: ${protocol}}], endpoints: [{address: 127.0.0.1, ports: {main: ${port}}}]}`;

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

const take = async (meshConfig: object, ...more: string[]) => {
  const services = [service("app", "HTTP", portOf(application)), service("collector", "GRPC", portOf(collector))];
  const mesh = [routes, ...services, ...more].join("\n---");
  deepStrictEqual(
    await envoy.take(configOf(proxy, `meshConfig: ${JSON.stringify(meshConfig)}`, mesh), { asks: true }),
    [],
  );
};

const provider = (said: object) => ({
  defaultProviders: { accessLogging: ["logs"] },
  extensionProviders: [{ name: "logs", ...said }],
});

/** Whole messages of a gRPC stream, as they come. */
function readMessages(stream: http2.ServerHttp2Stream, path: string): void {
  let rest = Buffer.alloc(0);
  stream.on("data", (piece: Buffer) => {
    rest = Buffer.concat([rest, piece]);
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const end = 5 + rest.readUInt32BE(1);
      messages.push({ path, body: rest.subarray(5, end) });
      rest = rest.subarray(end);
    }
  });
}

beforeAll(async () => {
  application = http.createServer((_, response) => {
    response.setHeader("x-cost", "7");
    response.end("hello");
  });
  await once(application.listen(0, "127.0.0.1"), "listening");
  collector = http2.createServer();
  collector.on("stream", (stream, headers) => {
    const path = String(headers[":path"]);
    readMessages(stream, path);
    stream.on("error", () => {});
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    // OpenTelemetry asks for an answer; Envoy's own service is a stream that goes on.
    stream.on("end", () => stream.end(Buffer.alloc(5)));
  });
  await once(collector.listen(0, "127.0.0.1"), "listening");
  envoy = await ServedEnvoy.start({ ip });
});

beforeEach(() => {
  messages = [];
});

afterAll(async () => {
  await envoy?.stop();
  application?.close();
  collector?.close();
});

async function get(path: string): Promise<void> {
  const asked = http.get({ host: ip, port: 8080, path, headers: { "x-user": "ann" }, agent: false });
  const [response] = (await once(asked, "response")) as [http.IncomingMessage];
  strictEqual(await text(response), "hello");
}

const patient = { timeout: 20_000, interval: 50 };

const entries = () =>
  messages
    .filter(({ path }) => path === "/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs")
    .map(({ body }) => fromBinary(StreamAccessLogsMessageSchema, body));
const requests = () =>
  entries().flatMap(({ logEntries }) => (logEntries.case === "httpLogs" ? logEntries.value.logEntry : []));

test("envoyHttpAls: each request with the headers that were asked for", async () => {
  const headers = { additionalRequestHeadersToLog: ["x-user"], additionalResponseHeadersToLog: ["x-cost"] };
  await take(provider({ envoyHttpAls: { service: "collector.mesh", port: 80, logName: "mine", ...headers } }));
  await get("/logged?a=b");
  await vi.waitFor(() => ok(requests().length > 0), patient);
  const [first] = requests();
  deepStrictEqual(
    [
      first?.request?.path,
      first?.response?.responseCode,
      first?.request?.requestHeaders,
      first?.response?.responseHeaders,
    ],
    ["/logged?a=b", 200, { "x-user": "ann" }, { "x-cost": "7" }],
  );
  strictEqual(entries()[0]?.identifier?.logName, "mine");
});

test("a filter of a Telemetry chooses what is sent", async () => {
  const telemetry = `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: some, namespace: istio-system}
spec: {accessLogging: [{providers: [{name: logs}], filter: {expression: "request.path == '/wanted'"}}]}`;
  await take(provider({ envoyHttpAls: { service: "collector.mesh", port: 80 } }), telemetry);
  await get("/other");
  await get("/wanted");
  await vi.waitFor(() => ok(requests().length > 0), patient);
  deepStrictEqual(
    requests().map(({ request }) => request?.path),
    ["/wanted"],
  );
});

test("a filter writes a share of all requests", async () => {
  const telemetry = `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: some, namespace: istio-system}
spec: {accessLogging: [{providers: [{name: logs}], filter: {expression: "request.id.matches('[0-7]$') || request.path == '/last'"}}]}`;
  await take(provider({ envoyHttpAls: { service: "collector.mesh", port: 80 } }), telemetry);
  for (let i = 0; i < 60; i++) await get("/many");
  await get("/last");
  await vi.waitFor(() => ok(requests().some(({ request }) => request?.path === "/last")), patient);
  const told = requests().filter(({ request }) => request?.path === "/many").length;
  ok(told > 0 && told < 60, `${told} of 60`);
});

test("envoyOtelAls: a record with the text as its body, and the labels as attributes", async () => {
  const logFormat = { text: "asked %REQ_WITHOUT_QUERY(:PATH)%", labels: { who: "%REQ(X-USER)%" } };
  await take(provider({ envoyOtelAls: { service: "collector.mesh", port: 80, logName: "ours", logFormat } }));
  await get("/logged?secret=1");
  const path = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
  await vi.waitFor(() => ok(messages.some((m) => m.path === path)), patient);
  const said = messages.find((m) => m.path === path)?.body.toString("latin1") ?? "";
  match(said, /asked \/logged/);
  ok(said.includes("who") && said.includes("ann"));
  ok(!said.includes("secret"));
});

test("enableEnvoyAccessLogService: requests go to the service of defaultConfig", async () => {
  const defaultConfig = { envoyAccessLogService: { address: "collector.mesh:80" } };
  await take({ enableEnvoyAccessLogService: true, defaultConfig });
  await get("/old");
  await vi.waitFor(() => ok(requests().some(({ request }) => request?.path === "/old")), patient);
});
