import { deepStrictEqual, match, strictEqual } from "node:assert";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GatewayBed, gatewayBed } from "../proxy/gateway-bed.ts";
import { exchange, get, statuses, type Target } from "./raw-http.ts";
import { meshName, type WorkloadBed, workloadBed } from "./workload-bed.ts";

// What a caller says of itself and of how its request shall be handled: what of it an application sees.

const port = 7000;
let bed: WorkloadBed;
let gateway: GatewayBed;
let server: Server;

beforeAll(async () => {
  bed = await workloadBed();
  server = createServer((request, response) => response.end(JSON.stringify(request.headers)));
  server.listen(port, bed.applications);
  await once(server, "listening");
  gateway = await gatewayBed(["front"]);
});
afterAll(async () => {
  server?.close();
  await gateway?.stop();
  await bed?.stop();
});

const forgedClient = "By=spiffe://cluster.local/ns/default/sa/app;URI=spiffe://cluster.local/ns/default/sa/forged";

/** Headers by which proxies are told what to do, and which they tell applications. */
const forged: Readonly<Record<string, string>> = {
  "x-forwarded-client-cert": forgedClient,
  "x-envoy-original-path": "/forged",
  "x-envoy-original-url": "http://forged/",
  "x-envoy-original-dst-host": "127.0.0.1:1",
  "x-envoy-internal": "true",
  "x-envoy-external-address": "6.6.6.6",
  "x-envoy-decorator-operation": "forged",
  "x-envoy-downstream-service-cluster": "forged",
  "x-envoy-downstream-service-node": "forged",
  "x-envoy-retry-on": "5xx",
  "x-envoy-retry-grpc-on": "cancelled",
  "x-envoy-max-retries": "100",
  "x-envoy-retriable-status-codes": "200",
  "x-envoy-retriable-header-names": "date",
  "x-envoy-upstream-rq-timeout-ms": "1",
  "x-envoy-upstream-rq-per-try-timeout-ms": "1",
  "x-envoy-upstream-rq-timeout-alt-response": "forged",
  "x-envoy-upstream-alt-stat-name": "forged",
  "x-envoy-upstream-stream-duration-ms": "1",
  "x-envoy-expected-rq-timeout-ms": "1",
  "x-envoy-hedge-on-per-try-timeout": "true",
  "x-envoy-attempt-count": "99",
  "x-envoy-force-trace": "1",
  "x-envoy-ip-tags": "forged",
  "x-envoy-overloaded": "true",
  "x-envoy-peer-metadata": "forged",
  "x-envoy-peer-metadata-id": "forged",
  "x-istio-attributes": "forged",
  "x-weft-peer": "forged",
  "x-weft-scope": "80|forged",
  "x-weft-rate-limit": "forged",
  baggage: "k8s.namespace.name=forged",
};

/** Ones that servers take for others of these. */
const respelled = [
  "x_forwarded_client_cert",
  "x-forwarded_client-cert",
  "X_Forwarded_For",
  "x_forwarded-proto",
  "x_envoy_external_address",
];

/** What a request may carry through anywhere. */
const harmless: Readonly<Record<string, string>> = {
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  "x-b3-traceid": "0af7651916cd43dd8448eb211c80319c",
  authorization: "Bearer a.b.c",
  cookie: "a=1; b=2",
  "x-user": "jason",
  "x-forwarded-prefix": "/shop",
  "x-envoyish": "mine",
  istio: "mine",
};

const lines = (headers: Readonly<Record<string, string>>) =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");

async function seen(target: Target, headers: string, path = "/"): Promise<IncomingHttpHeaders> {
  const answer = await exchange(target, get(path, headers));
  deepStrictEqual(statuses(answer), [200], answer);
  return JSON.parse(answer.slice(answer.indexOf("\r\n\r\n{") + 4)) as IncomingHttpHeaders;
}

/** Those of the forged values that are seen. */
const kept = (headers: IncomingHttpHeaders) =>
  Object.keys(forged).filter(
    (name) => headers[name] !== undefined && String(headers[name]).includes(forged[name] as string),
  );

function passes(headers: IncomingHttpHeaders): void {
  // The proxy has a span of its own in the trace that goes on.
  const traceparent = expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
  expect(headers).toMatchObject({ ...harmless, traceparent });
}

const peer = (): Target => {
  const file = (name: string) => readFileSync(bed.file(name));
  const tls = { ca: file("ca.pem"), cert: file("peer.pem"), key: file("peer-key.pem"), servername: meshName(port) };
  return { host: bed.ip, port, tls };
};

const strictness = (mode: string) => `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: mode}
spec: {mtls: {mode: ${mode}}}`;

const uncounted = `
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: uncounted}
spec: {metrics: [{overrides: [{match: {metric: ALL_METRICS, mode: SERVER}, disabled: true}]}]}`;

describe("a workload", () => {
  test("believes nothing of a caller without a certificate", async () => {
    await bed.take([port], strictness("PERMISSIVE"));
    const headers = await seen({ host: bed.ip, port }, lines({ ...forged, ...harmless }));
    deepStrictEqual(kept(headers), []);
    strictEqual(headers["x-forwarded-client-cert"], undefined);
    passes(headers);
  });

  test("where the mesh has no mTLS neither, though peers tell each other who they are", async () => {
    await bed.take([port], strictness("DISABLE"));
    const headers = await seen({ host: bed.ip, port }, lines({ ...forged, ...harmless }));
    deepStrictEqual(kept(headers), ["x-weft-scope", "x-weft-rate-limit"]);
    passes(headers);
  });

  test("hears a verified peer, and adds who it is to what it was told", async () => {
    await bed.take([port], strictness("STRICT"));
    const told = { "x-forwarded-client-cert": "By=front;URI=end-user", "x-envoy-attempt-count": "2", baggage: "a=b" };
    const headers = await seen(peer(), lines({ ...told, ...harmless, "x-weft-peer": forged["x-weft-peer"] as string }));
    match(
      String(headers["x-forwarded-client-cert"]),
      /^By=front;URI=end-user,Hash=[0-9a-f]{64};.*URI=spiffe:\/\/cluster.local\/ns\/default\/sa\/peer$/,
    );
    deepStrictEqual([headers["x-envoy-attempt-count"], headers["baggage"]], ["2", "a=b"]);
    strictEqual(headers["x-weft-peer"], undefined);
    passes(headers);
  });

  test("hears one all the same that knows nothing of a server that reads no requests of others", async () => {
    await bed.take([port], `${strictness("STRICT")}${uncounted}`);
    const headers = await seen(peer(), lines({ "x-forwarded-client-cert": "By=front;URI=end-user", ...harmless }));
    match(String(headers["x-forwarded-client-cert"]), /URI=spiffe:\/\/cluster.local\/ns\/default\/sa\/peer$/);
    passes(headers);
  });

  test.each(["STRICT", "PERMISSIVE"])("takes what a proxy vouches for in one spelling alone: %s", async (mode) => {
    await bed.take([port], strictness(mode));
    const target = mode === "STRICT" ? peer() : { host: bed.ip, port };
    const said = Object.fromEntries([...respelled, "user_id", "x_user"].map((name) => [name, "forged"]));
    const headers = await seen(target, lines(said));
    deepStrictEqual(
      Object.keys(headers).filter((name) => name.includes("_")),
      ["user_id", "x_user"],
    );
  });

  test.each(["x-forwarded-client-cert", "x-forwarded-for"])(
    "a caller cannot have %s taken off by naming it in Connection",
    async (name) => {
      await bed.take([port], strictness("STRICT"));
      const answer = await exchange(
        peer(),
        `GET / HTTP/1.1\r\nHost: app\r\nConnection: close, ${name}\r\nx-forwarded-for: 1.2.3.4\r\n\r\n`,
      );
      if (statuses(answer)[0] === 400) return;
      deepStrictEqual(statuses(answer), [200]);
      strictEqual(answer.includes(`"${name}":`), true, answer);
    },
  );
});

const front = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 8080, name: http, protocol: HTTP}, hosts: ["*"]}]}`;
const connection = (settings: string) => `---\nmeshConfig: {defaultConfig: ${settings}}`;

describe("a gateway", () => {
  const at = () => ({ host: gateway.ip, port: 8080 });

  test("believes nothing that anybody says", async () => {
    await gateway.take(front);
    const asked = { "x-request-id": "forged", "x-forwarded-for": "6.6.6.6", "x-forwarded-proto": "https" };
    const headers = await seen(at(), lines({ ...forged, ...harmless, ...asked }));
    deepStrictEqual(kept(headers), []);
    strictEqual(headers["x-forwarded-client-cert"], undefined);
    strictEqual(headers["x-envoy-external-address"], "127.0.0.1");
    match(String(headers["x-forwarded-for"]), /^6\.6\.6\.6,[\d.]+$/);
    strictEqual(headers["x-forwarded-proto"], "http");
    match(String(headers["x-request-id"]), /^[0-9a-f-]{36}$/);
    // What proxies of the mesh tell each other is not for a server outside of it.
    strictEqual(headers["x-weft-peer"], undefined);
    passes(headers);
  });

  test.each(respelled)("refuses %s", async (name) => {
    await gateway.take(front);
    deepStrictEqual(statuses(await exchange(at(), get("/", `${name}: x\r\n`))), [400]);
  });

  test("takes underscores where it is told to, but not for what proxies vouch for", async () => {
    const settings = "{connectionSettings: {httpHeadersWithUnderscoresAction: HEADERS_WITH_UNDERSCORES_ALLOW}}";
    await gateway.take(front + connection(settings));
    const said = Object.fromEntries([...respelled, "user_id"].map((name) => [name, "forged"]));
    const headers = await seen(at(), lines(said));
    deepStrictEqual(
      Object.keys(headers).filter((name) => name.includes("_")),
      ["user_id"],
    );
  });
});
