import { deepStrictEqual } from "node:assert";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { configOf } from "./mesh.ts";
import { ownAddress } from "./own-address.ts";
import { ServedEnvoy, type ServedEnvoyOptions } from "./served-envoy.ts";

// One real gateway with one application behind it, for policies that choose workloads.

const ip = ownAddress();
const proxy = `proxy: {kind: router, namespace: istio-system, name: gateway, labels: {istio: ingressgateway}, ips: ["${ip}"],
  metadata: {WEFT_MODE: loopback, INTERCEPTION_MODE: NONE, WEFT_HTTP_PROXY_PORT: "0"}}`;
/** What the application answers. */
export const page = "All that is gold does not glitter. ".repeat(200);
let application: http.Server;
let envoy: ServedEnvoy;

/** The application: what a header asks of it, and what it was sent. */
function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  const says = JSON.parse(String(request.headers["x-answer"] ?? "{}")) as Record<string, string>;
  request.on("error", () => {});
  void buffer(request).then((body) => {
    response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "x-got": `${body.length}`, ...says });
    response.end(page);
  });
}

/** Starts the application and the gateway. */
export async function startGateway(unary?: ServedEnvoyOptions["unary"]): Promise<ServedEnvoy> {
  application = http.createServer(answer).listen(0, "127.0.0.1");
  await once(application, "listening");
  envoy = await ServedEnvoy.start({ ip, ...(unary === undefined ? {} : { unary }) });
  return envoy;
}

export async function stopGateway(): Promise<void> {
  await envoy?.stop();
  application.close();
}

const base = () => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 8080, name: http, protocol: HTTP}, hosts: ["*"]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: all}
spec:
  hosts: ["*"]
  gateways: [istio-system/front]
  http:
    - {name: api, match: [{uri: {prefix: /api}}], route: [{destination: {host: app.mesh}}]}
    - {name: main, route: [{destination: {host: app.mesh}}], corsPolicy: {allowOrigins: [{exact: "https://a.test"}]}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: app}
spec:
  hosts: [app.mesh]
  resolution: STATIC
  ports: [{number: 80, name: main, protocol: HTTP}]
  endpoints: [{address: 127.0.0.1, ports: {main: ${(application.address() as AddressInfo).port}}}]`;

let generation = 0;

/** A mesh with one object more. Each is another one to Envoy, so that what was counted before is forgotten. */
export async function having(kind: string, spec: object, ...more: readonly object[]): Promise<string> {
  const name = `p${++generation}`;
  const object = { apiVersion: "weft.dev/v1", kind, metadata: { name, namespace: "istio-system" }, spec };
  const refused = await envoy.take(
    configOf(proxy, `${base()}\n---\n${[object, ...more].map((o) => JSON.stringify(o)).join("\n---\n")}`),
  );
  deepStrictEqual(refused, []);
  return `istio-system/${name}`;
}

export type Headers = Readonly<Record<string, string>>;

export async function get(path = "/", headers: Headers = {}, method = "GET", body?: Buffer) {
  const asked = http.request({
    host: ip,
    port: 8080,
    path,
    method,
    headers: { host: "shop.test", ...headers },
    agent: false,
  });
  asked.end(body);
  const [response] = (await once(asked, "response")) as [http.IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) };
}
