import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "@bufbuild/protobuf";
import { afterAll, afterEach, beforeAll, test } from "vitest";
import { downstreamMtls } from "../../src/envoy/tls/downstream.ts";
import { TransportSocketSchema } from "../../src/gen/envoy/config/core/v3/base_pb.js";
import { makeCertificates } from "./certificates.ts";
import { type RunningEnvoy, startEnvoy } from "./envoy.ts";
import { httpListener, runnable, secretFiles } from "./local-config.ts";
import { configOf, json, resources, sidecar, trackerOf } from "./mesh.ts";
import { get, type ServerOptions, startServer, type TestServer } from "./servers.ts";

const host = "reviews.mesh";
const cluster = `outbound|80||${host}`;
let directory = "";
const running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "cluster-behaviour-"));
  await makeCertificates(directory, {
    own: "URI:spiffe://cluster.local/ns/default/sa/client",
    reviews: "URI:spiffe://cluster.local/ns/default/sa/reviews",
    other: "URI:spiffe://cluster.local/ns/default/sa/other",
    api: "DNS:api.test",
  });
  secretFiles(directory, "own");
  secretFiles(directory, "reviews");
});
afterEach(async () => {
  for (const r of running.splice(0)) await r.stop();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function server(options: ServerOptions): Promise<TestServer> {
  const started = await startServer(directory, options);
  running.push(started);
  return started;
}

interface Place {
  readonly port: number;
  readonly mtls?: boolean;
}

/** A service whose endpoints are these servers, with what a rule says of it. */
function mesh(places: readonly Place[], policy = "", location = "MESH_INTERNAL"): string {
  const endpoints = places.map(
    ({ port, mtls }) =>
      `    - {address: 127.0.0.1, ports: {http: ${port}}, serviceAccount: reviews${mtls ? ", labels: {security.istio.io/tlsMode: istio}" : ""}}`,
  );
  const service = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: reviews}
spec:
  hosts: [${host}]
  location: ${location}
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints:
${endpoints.join("\n")}
`;
  const rule = `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews}
spec: {host: ${host}, trafficPolicy: ${policy}}
`;
  return policy === "" ? service : service + rule;
}

/** An Envoy with what a sidecar gets, and a listener `out` that sends everything to the service. */
async function proxy(
  text: string,
  more: readonly JsonObject[] = [],
  clusters: readonly JsonObject[] = [],
): Promise<RunningEnvoy> {
  const config = configOf(trackerOf(resources(text, "test.yaml")), sidecar);
  const listeners = [httpListener("out", cluster), ...more];
  const envoy = await startEnvoy(directory, { clusters: [...runnable(config), ...clusters], listeners });
  running.push(envoy);
  return envoy;
}

const statOf = (name: string) => `cluster.${cluster}.${name}`;

test("a server with the service's identity is called by HTTP/2 over mTLS, and another is refused", async () => {
  const right = await server({ name: "right", certificate: "reviews", mutual: true });
  const port = await (await proxy(mesh([{ port: right.port, mtls: true }]))).port("out");
  deepStrictEqual(await get(port, host), { status: 200, body: "right" });
  deepStrictEqual(right.seen, [{ server: "right", httpVersion: "2.0", sni: `outbound_.80_._.${host}`, path: "/" }]);

  const wrong = await server({ name: "wrong", certificate: "other", mutual: true });
  const envoy = await proxy(mesh([{ port: wrong.port, mtls: true }]));
  const refused = await get(await envoy.port("out"), host);
  strictEqual(refused.status, 503);
  deepStrictEqual(wrong.seen, []);
  ok(((await envoy.stats())[statOf("ssl.fail_verify_san")] ?? 0) > 0);
});

test("of mixed endpoints those in the mesh get mTLS and the others plain text", async () => {
  const inside = await server({ name: "inside", certificate: "reviews", mutual: true });
  const outside = await server({ name: "outside" });
  const envoy = await proxy(
    mesh([{ port: inside.port, mtls: true }, { port: outside.port }], "{loadBalancer: {simple: ROUND_ROBIN}}"),
  );
  const port = await envoy.port("out");
  const answers = [await get(port, host), await get(port, host), await get(port, host), await get(port, host)];
  deepStrictEqual(
    answers.map((a) => a.status),
    [200, 200, 200, 200],
  );
  deepStrictEqual([...new Set(answers.map((a) => a.body))].sort(), ["inside", "outside"]);
  deepStrictEqual(new Set([...inside.seen, ...outside.seen].map((s) => s.httpVersion)), new Set(["1.1"]));
});

test("mTLS that a rule switches off is off", async () => {
  const plain = await server({ name: "plain" });
  const envoy = await proxy(mesh([{ port: plain.port, mtls: true }], "{tls: {mode: DISABLE}}"));
  deepStrictEqual(await get(await envoy.port("out"), host), { status: 200, body: "plain" });
});

test("an endpoint that fails is ejected", async () => {
  const good = await server({ name: "good" });
  const bad = await server({ name: "bad", status: 500 });
  const policy =
    "{loadBalancer: {simple: ROUND_ROBIN}, outlierDetection: {consecutive5xxErrors: 1, interval: 1h, baseEjectionTime: 1h, maxEjectionPercent: 100}}";
  const envoy = await proxy(mesh([{ port: good.port }, { port: bad.port }], policy));
  const port = await envoy.port("out");
  while (bad.seen.length === 0) await get(port, host);
  await envoy.settled((s) => s[statOf("outlier_detection.ejections_active")] === 1);
  const after = [await get(port, host), await get(port, host), await get(port, host)];
  deepStrictEqual(
    after.map((a) => a.body),
    ["good", "good", "good"],
  );
  strictEqual(bad.seen.length, 1);
});

test("codes that a rule names count as errors, and only they", async () => {
  const good = await server({ name: "good" });
  const bad = await server({ name: "bad", status: 429 });
  const policy =
    "{loadBalancer: {simple: ROUND_ROBIN}, outlierDetection: {consecutive5xxErrors: 1, interval: 1h, baseEjectionTime: 1h, maxEjectionPercent: 100, outlierDetectionHttpErrorCodes: [418, 429]}}";
  const envoy = await proxy(mesh([{ port: good.port }, { port: bad.port }], policy));
  const port = await envoy.port("out");
  while (bad.seen.length === 0) await get(port, host);
  await envoy.settled((s) => s[statOf("outlier_detection.ejections_active")] === 1);
  strictEqual((await get(port, host)).body, "good");
});

test("what is above the connection pool's limits is turned away", async () => {
  let release = () => {};
  const hold = new Promise<void>((done) => (release = done));
  const slow = await server({ name: "slow", hold });
  const envoy = await proxy(
    mesh([{ port: slow.port }], "{connectionPool: {tcp: {maxConnections: 1}, http: {http1MaxPendingRequests: 1}}}"),
  );
  const port = await envoy.port("out");
  const first = get(port, host);
  while (slow.seen.length === 0) await new Promise((done) => setTimeout(done, 5));
  const answers = [first, ...[2, 3, 4].map(() => get(port, host))];
  const stats = await envoy.settled((s) => (s[statOf("upstream_rq_pending_overflow")] ?? 0) >= 2);
  strictEqual(stats[statOf("upstream_cx_active")], 1);
  release();
  const statuses = (await Promise.all(answers)).map((a) => a.status).sort();
  deepStrictEqual(statuses, [200, 200, 503, 503]);
});

test("a consistent hash sends the same header to the same endpoint, with no word of it in the route", async () => {
  const servers = await Promise.all(["a", "b", "c"].map((name) => server({ name })));
  const policy = "{loadBalancer: {consistentHash: {httpHeaderName: x-user}}}";
  const envoy = await proxy(
    mesh(
      servers.map((s) => ({ port: s.port })),
      policy,
    ),
  );
  const port = await envoy.port("out");
  const places = new Map<string, Set<string>>();
  for (const user of [..."abcdefghijklmnopqrst", ..."abcdefghijklmnopqrst"]) {
    const { body } = await get(port, host, { "x-user": user });
    places.set(user, (places.get(user) ?? new Set()).add(body));
  }
  deepStrictEqual(
    [...places.values()].map((p) => p.size),
    places.size === 20 ? Array(20).fill(1) : [],
  );
  ok(new Set([...places.values()].flatMap((p) => [...p])).size > 1, "all users went to one endpoint");
});

test("TLS that a rule asks for: the request's host is the SNI, and the certificate must bear it", async () => {
  const api = await server({ name: "api", certificate: "api" });
  const policy = "{tls: {mode: SIMPLE, caCertificates: $CERTS/ca.pem}}";
  const envoy = await proxy(mesh([{ port: api.port }], policy, "MESH_EXTERNAL"));
  const port = await envoy.port("out");
  deepStrictEqual(await get(port, "api.test"), { status: 200, body: "api" });
  strictEqual(api.seen[0]?.sni, "api.test");
  strictEqual((await get(port, "another.test")).status, 503);
  strictEqual(api.seen.length, 1);
});

test("TLS with names and a certificate of its own", async () => {
  const api = await server({ name: "api", certificate: "api", mutual: true });
  const tls = (names: string, more = "") =>
    `{tls: {mode: MUTUAL, clientCertificate: $CERTS/own.pem, privateKey: $CERTS/own-key.pem, caCertificates: $CERTS/ca.pem, sni: fixed.test, subjectAltNames: [${names}]${more}}}`;
  const ask = async (policy: string) => {
    const envoy = await proxy(mesh([{ port: api.port }], policy, "MESH_EXTERNAL"));
    return (await get(await envoy.port("out"), "any.test")).status;
  };
  strictEqual(await ask(tls("nobody.test, api.test")), 200);
  strictEqual(api.seen[0]?.sni, "fixed.test");
  strictEqual(await ask(tls("nobody.test")), 503);
  strictEqual(await ask(tls("nobody.test", ", insecureSkipVerify: true")), 200);
});

test("a WebSocket passes between two proxies that speak HTTP/2", async () => {
  const echo = http.createServer();
  echo.on("upgrade", (_request, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
    socket.pipe(socket);
  });
  await new Promise<void>((done) => echo.listen(0, "127.0.0.1", done));
  const echoPort = (echo.address() as { port: number }).port;
  const application = {
    name: "application",
    type: "STATIC",
    loadAssignment: {
      clusterName: "application",
      endpoints: [
        { lbEndpoints: [{ endpoint: { address: { socketAddress: { address: "127.0.0.1", portValue: echoPort } } } }] },
      ],
    },
  };
  const mtls = json(TransportSocketSchema, downstreamMtls("ads"));
  const inbound = await startEnvoy(directory, {
    clusters: [application],
    listeners: [httpListener("in", "application", mtls)],
  });
  running.push(inbound);
  const envoy = await proxy(mesh([{ port: await inbound.port("in"), mtls: true }]));
  const port = await envoy.port("out");
  const echoed = await new Promise<string>((done, failed) => {
    const request = http.request({
      host: "127.0.0.1",
      port,
      headers: { host, connection: "upgrade", upgrade: "websocket" },
    });
    request.on("upgrade", (_response, socket) => {
      socket.on("data", (chunk) => {
        done(String(chunk));
        socket.destroy();
      });
      socket.write("hello");
    });
    request.on("response", (response) => failed(new Error(`status ${response.statusCode}`)));
    request.on("error", failed);
    request.end();
  });
  strictEqual(echoed, "hello");
  strictEqual((await envoy.stats())[statOf("upstream_cx_http2_total")], 1);
  echo.closeAllConnections();
  echo.close();
});
