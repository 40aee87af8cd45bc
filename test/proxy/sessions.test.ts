import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { once } from "node:events";
import http, { type IncomingHttpHeaders } from "node:http";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, test } from "vitest";
import { configOf } from "./mesh.ts";
import { ownAddress } from "./own-address.ts";
import { ServedEnvoy } from "./served-envoy.ts";

// One real gateway: sessions that stick to an endpoint, and connections through a proxy.

const ip = ownAddress();
const running: Server[] = [];
/** What the proxy was asked for. */
const asked: string[] = [];
let envoy: ServedEnvoy;

const proxy = `proxy: {kind: router, namespace: istio-system, name: gateway, labels: {istio: ingressgateway}, ips: ["${ip}"],
  metadata: {WEFT_MODE: loopback, INTERCEPTION_MODE: NONE, WEFT_HTTP_PROXY_PORT: "0"}}`;

const service = (name: string, label: string, ports: readonly number[]) => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, labels: {${label}}}
spec: {hosts: [${name}.mesh], resolution: STATIC, ports: [{number: 80, name: main, protocol: ${name === "proxy" ? "TCP" : "HTTP"}}],
  endpoints: ${JSON.stringify(ports.map((main) => ({ address: "127.0.0.1", ports: { main } })))}}`;

const routes = (target: number) => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 8080, name: http, protocol: HTTP}, hosts: ["*"]}, {port: {number: 9000, name: tcp, protocol: TCP}, hosts: ["*"]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: all}
spec:
  hosts: ["*"]
  gateways: [istio-system/front]
  http: [{match: [{uri: {prefix: /header}}], route: [{destination: {host: by-header.mesh}}]}, {route: [{destination: {host: by-cookie.mesh}}]}]
  tcp: [{match: [{port: 9000}], route: [{destination: {host: proxy.mesh}}]}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: proxy}
spec: {host: proxy.mesh, trafficPolicy: {tunnel: {protocol: CONNECT, targetHost: 127.0.0.1, targetPort: ${target}}}}`;

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  running.push(server);
  return (server.address() as AddressInfo).port;
}

/** A proxy as companies have it: CONNECT and nothing else. */
function connectProxy(): http.Server {
  return http.createServer().on("connect", (request, client) => {
    asked.push(String(request.url));
    const [host, port] = String(request.url).split(":");
    const upstream = connect(Number(port), String(host), () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    for (const end of [client, upstream]) end.on("error", () => [client, upstream].map((s) => s.destroy()));
  });
}

beforeAll(async () => {
  const apps = ["one", "two", "three"].map((name) => http.createServer((_, response) => response.end(name)));
  const ports = await Promise.all(apps.map(listening));
  const echo = await listening(createServer((socket) => socket.on("error", () => {}).pipe(socket)));
  const mesh = [
    service("by-cookie", '"istio.io/persistent-session": "stick:/"', ports),
    service("by-header", '"istio.io/persistent-session-header": x-stick', ports),
    service("proxy", "", [await listening(connectProxy())]),
    routes(echo),
  ];
  envoy = await ServedEnvoy.start({ ip });
  deepStrictEqual(await envoy.take(configOf(proxy, mesh.join("\n---"))), []);
});

afterAll(async () => {
  await envoy?.stop();
  for (const server of running) server.close();
});

async function get(path: string, headers: Readonly<Record<string, string>> = {}) {
  const request = http.get({ host: ip, port: 8080, path, headers, agent: false });
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  return { by: await text(response), headers: response.headers as IncomingHttpHeaders };
}

test("a cookie keeps a session at the endpoint that answered first", async () => {
  for (let i = 0; i < 3; i++) {
    const first = await get("/");
    const cookie = String(first.headers["set-cookie"]).split(";", 1)[0] as string;
    ok(cookie.startsWith("stick="));
    // Three endpoints: that 30 requests reach one of them by chance happens once in 3^30, so 1 in 2e14.
    for (let n = 0; n < 30; n++) strictEqual((await get("/", { cookie })).by, first.by);
  }
});

test("a header does, too", async () => {
  const first = await get("/header");
  const stick = String(first.headers["x-stick"]);
  for (let n = 0; n < 30; n++) strictEqual((await get("/header", { "x-stick": stick })).by, first.by);
});

test("a connection goes through the proxy that the rule names, inside of a CONNECT", async () => {
  const socket = connect({ host: ip, port: 9000 });
  socket.write("hello");
  strictEqual(String((await once(socket, "data"))[0]), "hello");
  socket.destroy();
  strictEqual(asked.length, 1);
  ok(asked[0]?.startsWith("127.0.0.1:"));
});
