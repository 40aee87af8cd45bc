import { deepStrictEqual, strictEqual } from "node:assert";
import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { re2Fault } from "../../src/std/re2.ts";
import { type GatewayBed, gatewayBed } from "../proxy/gateway-bed.ts";
import { exchange, get, statuses } from "./raw-http.ts";

// Little that a filter would make much of.

let bed: GatewayBed;
const port = 8080;
const target = () => ({ host: bed.ip, port });

const front = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: ${port}, name: http, protocol: HTTP}, hosts: ["*"]}]}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: istio-system}
spec:
  jwtRules:
    - issuer: bomb
      jwks: '{"keys": [{"kty": "oct", "alg": "HS256", "kid": "k", "k": "c2VjcmV0"}]}'
`;

beforeAll(async () => {
  bed = await gatewayBed([], async (request, response) => {
    const body = await buffer(request);
    response.end(JSON.stringify([body.length, request.headers["content-encoding"]]));
  });
  await bed.take(front);
});
afterAll(() => bed?.stop());

test.each([
  ["objects", '{"a":'.repeat(8_000)],
  ["lists", "[".repeat(40_000)],
  ["lists that close", "[".repeat(20_000) + "]".repeat(20_000)],
  ["a number", `{"iss":"bomb","exp":${"9".repeat(30_000)}}`],
])("a token of deep %s is no valid one, and the gateway goes on", async (_, json) => {
  const part = (text: string) => Buffer.from(text).toString("base64url");
  const header = part('{"alg":"HS256","kid":"k"}');
  for (const token of [`${part(json)}.${part("{}")}.x`, `${header}.${part(json)}.x`]) {
    const answer = await exchange(target(), get("/", `Authorization: Bearer ${token}\r\n`));
    deepStrictEqual(
      [[401], [431]].some((expected) => statuses(answer)[0] === expected[0]),
      true,
      answer,
    );
  }
  deepStrictEqual(statuses(await exchange(target(), get("/"))), [200]);
});

test("what is compressed is not unpacked on the way", async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20));
  const before = bed.envoy.peak();
  const headers = { host: "x", "content-encoding": "gzip" };
  const asked = http.request({ ...target(), method: "POST", headers, agent: false });
  asked.end(bomb);
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  deepStrictEqual(JSON.parse((await buffer(response)).toString()), [bomb.length, "gzip"]);
  expect(bed.envoy.peak() - before).toBeLessThan(32 * 2 ** 20);
});

const route = (regex: string) => `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: regex}
spec:
  hosts: [regex.test]
  gateways: [istio-system/front]
  http: [{match: [{uri: {regex: '${regex}'}}], route: [{destination: {host: app.mesh}}]}]`;

test("patterns take time in proportion to what they are held against", async () => {
  await bed.take(front + route("/(a+)+$|/(.*a){20}"));
  const path = `/${"a".repeat(40_000)}!`;
  deepStrictEqual(statuses(await exchange(target(), get(path).replace("Host: app", "Host: regex.test"))), [404]);
});

test("the largest pattern that is taken is one that Envoy takes", async () => {
  let most = 1;
  while (re2Fault(`\\pL{${most + 1}}`) === undefined) most++;
  await bed.take(front + route(`/\\pL{${most}}`));
  await bed.take(front + route("/[^a]{1000}"));
  strictEqual(re2Fault("/\\pL{1000}")?.startsWith("pattern too large"), true);
});
