import { deepStrictEqual, strictEqual } from "node:assert";
import { once } from "node:events";
import http, { type IncomingMessage, type RequestListener } from "node:http";
import { connect } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type GatewayBed, gatewayBed } from "./gateway-bed.ts";

// One real gateway with other proxies before it, at a unix socket, and with browsers that speak gRPC-web.

let bed: GatewayBed;
/** Bytes of each upload that arrived; the first is refused. */
const uploads: number[] = [];

/** Headers back as they came; a gRPC call is answered by the same message. */
const answer: RequestListener = async (request, response) => {
  if (request.url === "/upload") {
    const { length } = await buffer(request);
    uploads.push(length);
    response.statusCode = uploads.length === 1 ? 503 : 200;
    return response.end();
  }
  if (!request.headers["content-type"]?.startsWith("application/grpc"))
    return response.end(JSON.stringify(request.headers));
  const sent = await buffer(request);
  response.writeHead(200, {
    "content-type": "application/grpc",
    trailer: "grpc-status",
    "x-asked": request.headers["content-type"],
  });
  response.write(sent);
  response.addTrailers({ "grpc-status": "0" });
  return response.end();
};

const front = (servers: string) => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [${servers}]}`;
const plain = `{port: {number: 8080, name: http, protocol: HTTP}, hosts: ["*"]}`;

beforeAll(async () => {
  bed = await gatewayBed([], answer);
});
afterAll(() => bed?.stop());

/** Headers that the application got. */
async function seen(headers: Record<string, string>): Promise<http.IncomingHttpHeaders> {
  const asked = http.get({ host: bed.ip, port: 8080, headers, agent: false });
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  return JSON.parse(await text(response)) as http.IncomingHttpHeaders;
}

describe("proxies before it", () => {
  const topology = (said: string) => `---\nmeshConfig: {defaultConfig: {gatewayTopology: ${said}}}`;
  const forwarded = { "x-forwarded-for": "1.1.1.1, 2.2.2.2", "x-forwarded-client-cert": "By=before" };

  test("none are believed by default", async () => {
    await bed.take(front(plain));
    const { "x-envoy-external-address": client, "x-forwarded-client-cert": certificate } = await seen(forwarded);
    deepStrictEqual([client, certificate], ["127.0.0.1", undefined]);
  });

  test("as many as are said", async () => {
    await bed.take(front(plain) + topology("{numTrustedProxies: 1, forwardClientCertDetails: ALWAYS_FORWARD_ONLY}"));
    const { "x-envoy-external-address": client, "x-forwarded-client-cert": certificate } = await seen(forwarded);
    deepStrictEqual([client, certificate], ["2.2.2.2", "By=before"]);
  });

  test("one that opens with a PROXY header; nobody gets in without", async () => {
    await bed.take(front(plain) + topology("{proxyProtocol: {}}"));
    const ask = async (opening: string) => {
      const socket = connect({ host: bed.ip, port: 8080 });
      socket.write(`${opening}GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      return text(socket).catch(() => "");
    };
    const answered = await ask("PROXY TCP4 203.0.113.7 10.0.0.1 40000 80\r\n");
    strictEqual(/"x-forwarded-for":"203\.0\.113\.7"/.test(answered), true, answered);
    strictEqual(await ask(""), "");
  });
});

test("a body that is larger than what a connection may have waiting is sent again", async () => {
  const retries = `
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: uploads}
spec: {hosts: [uploads.test], gateways: [istio-system/front], http: [{retries: {attempts: 2, retryOn: 5xx}, route: [{destination: {host: app.mesh}}]}]}`;
  await bed.take(front(plain) + retries);
  const to = { host: bed.ip, port: 8080, headers: { host: "uploads.test" } };
  const asked = http.request({ ...to, method: "POST", path: "/upload", agent: false });
  asked.end(Buffer.alloc(500_000));
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  response.resume();
  deepStrictEqual([response.statusCode, uploads], [200, [500_000, 500_000]]);
});

test("a unix socket", async () => {
  const name = `@weft-edge-${process.pid}`;
  await bed.take(front(`{port: {number: 0, name: socket, protocol: HTTP}, hosts: ["*"], bind: "unix://${name}"}`));
  const asked = http.get({ socketPath: name.replace("@", "\0"), headers: { host: "x" }, agent: false });
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  response.resume();
  strictEqual(response.statusCode, 200);
});

test("gRPC-web", async () => {
  await bed.take(front(`{port: {number: 8080, name: web, protocol: GRPC-WEB}, hosts: ["*"]}`));
  const headers = { host: "x", "content-type": "application/grpc-web+proto" };
  const asked = http.request({ host: bed.ip, port: 8080, method: "POST", path: "/a.B/C", headers, agent: false });
  asked.end(Buffer.from([0, 0, 0, 0, 1, 42]));
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  const body = await buffer(response);
  deepStrictEqual(
    [response.headers["content-type"], response.headers["x-asked"], [...body.subarray(0, 6)]],
    ["application/grpc-web+proto", "application/grpc", [0, 0, 0, 0, 1, 42]],
  );
  // Trailers come in the body, in a frame of their own.
  strictEqual(body[6], 0x80);
  strictEqual(/grpc-status:0/.test(body.subarray(11).toString()), true);
});
