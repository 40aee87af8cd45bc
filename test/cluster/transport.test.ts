import { deepStrictEqual, ok, strictEqual } from "node:assert";
import http from "node:http";
import net from "node:net";
import { afterAll, afterEach, beforeAll, test } from "vitest";
import { downstreamMtls } from "../../src/envoy/tls/downstream.ts";
import { TransportSocketSchema } from "../../src/gen/envoy/config/core/v3/base_pb.js";
import { Bed, cluster, host, mesh, statOf } from "./bed.ts";
import { httpListener, tcpListener } from "./local-config.ts";
import { json } from "./mesh.ts";
import { get } from "./servers.ts";

const bed = new Bed();
beforeAll(() => bed.open());
afterEach(() => bed.clear());
afterAll(() => bed.close());

test("a server with the service's identity is called by HTTP/2 over mTLS, and another is refused", async () => {
  const right = await bed.server({ name: "right", certificate: "reviews", mutual: true });
  const port = await (await bed.proxy(mesh([{ port: right.port, mtls: true }]))).port("out");
  deepStrictEqual(await get(port, host), { status: 200, body: "right" });
  deepStrictEqual(right.seen, [
    { server: "right", httpVersion: "2.0", sni: `outbound_.80_._.${host}`, tls: "TLSv1.3", alpn: "h2", path: "/" },
  ]);

  const wrong = await bed.server({ name: "wrong", certificate: "other", mutual: true });
  const envoy = await bed.proxy(mesh([{ port: wrong.port, mtls: true }]));
  const refused = await get(await envoy.port("out"), host);
  strictEqual(refused.status, 503);
  deepStrictEqual(wrong.seen, []);
  ok(((await envoy.stats())[statOf("ssl.fail_verify_san")] ?? 0) > 0);
});

test("ALPN tells HTTP from bytes on a port that is sniffed", async () => {
  const peer = await bed.server({ name: "peer", certificate: "reviews", mutual: true });
  const text = mesh([{ port: peer.port, mtls: true }], "", "MESH_INTERNAL", '""');
  const http1 = await bed.proxy(text);
  strictEqual((await get(await http1.port("out"), host)).status, 200);
  const bytes = await bed.proxy(text, tcpListener("out", cluster));
  strictEqual((await get(await bytes.port("out"), host)).status, 200);
  deepStrictEqual(
    peer.seen.map((s) => [s.httpVersion, s.alpn]),
    [
      ["1.1", "http/1.1"],
      ["1.1", ""],
    ],
  );
});

test("of mixed endpoints those in the mesh get mTLS and the others plain text", async () => {
  const inside = await bed.server({ name: "inside", certificate: "reviews", mutual: true });
  const outside = await bed.server({ name: "outside" });
  const envoy = await bed.proxy(
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
  const plain = await bed.server({ name: "plain" });
  const envoy = await bed.proxy(mesh([{ port: plain.port, mtls: true }], "{tls: {mode: DISABLE}}"));
  deepStrictEqual(await get(await envoy.port("out"), host), { status: 200, body: "plain" });
});

test("the PROXY protocol goes first", async () => {
  let heard = "";
  const tcp = net.createServer((socket) => {
    socket.on("data", (chunk) => {
      heard += chunk.toString("latin1");
      if (!heard.includes("\r\n\r\n") || socket.writableEnded) return;
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
    });
  });
  await new Promise<void>((done) => tcp.listen(0, "127.0.0.1", done));
  bed.keep({ stop: () => new Promise((done) => tcp.close(() => done())) });
  const envoy = await bed.proxy(
    mesh([{ port: (tcp.address() as net.AddressInfo).port }], "{proxyProtocol: {version: V1}}"),
  );
  strictEqual((await get(await envoy.port("out"), host)).status, 200);
  ok(heard.startsWith("PROXY TCP4 127.0.0.1 127.0.0.1 "), heard);
});

test("TLS that a rule asks for: the request's host is the SNI, and the certificate must bear it", async () => {
  const api = await bed.server({ name: "api", certificate: "api" });
  const policy = "{tls: {mode: SIMPLE, caCertificates: $CERTS/ca.pem}}";
  const envoy = await bed.proxy(mesh([{ port: api.port }], policy, "MESH_EXTERNAL"));
  const port = await envoy.port("out");
  deepStrictEqual(await get(port, "api.test"), { status: 200, body: "api" });
  strictEqual(api.seen[0]?.sni, "api.test");
  strictEqual(api.seen[0]?.tls, "TLSv1.3");
  strictEqual((await get(port, "another.test")).status, 503);
  strictEqual(api.seen.length, 1);
});

test("TLS with names and a certificate of its own", async () => {
  const api = await bed.server({ name: "api", certificate: "api", mutual: true });
  const tls = (names: string, more = "") =>
    `{tls: {mode: MUTUAL, clientCertificate: $CERTS/own.pem, privateKey: $CERTS/own-key.pem, caCertificates: $CERTS/ca.pem, sni: fixed.test, subjectAltNames: [${names}]${more}}}`;
  const ask = async (policy: string) => {
    const envoy = await bed.proxy(mesh([{ port: api.port }], policy, "MESH_EXTERNAL"));
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
  const inbound = await bed.envoy({
    clusters: [application],
    listeners: [httpListener("in", "application", mtls)],
  });
  const envoy = await bed.proxy(mesh([{ port: await inbound.port("in"), mtls: true }]));
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
