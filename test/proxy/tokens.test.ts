import { deepStrictEqual, strictEqual } from "node:assert";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import http, { type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, test } from "vitest";
import { configOf } from "./mesh.ts";
import { ownAddress } from "./own-address.ts";
import { ServedEnvoy } from "./served-envoy.ts";

// One real gateway that verifies tokens and routes by their claims.

const ip = ownAddress();
const running: http.Server[] = [];
let envoy: ServedEnvoy;
let keys: GenerateKeyPairResult;
let strangers: GenerateKeyPairResult;

const proxy = `proxy: {kind: router, namespace: istio-system, name: gateway, labels: {istio: ingressgateway}, ips: ["${ip}"],
  metadata: {WEFT_MODE: loopback, INTERCEPTION_MODE: NONE, WEFT_HTTP_PROXY_PORT: "0"}}`;

const service = (name: string, port: number) => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}}
spec: {hosts: [${name}.mesh], resolution: STATIC, ports: [{number: 80, name: main, protocol: HTTP}], endpoints: [{address: 127.0.0.1, ports: {main: ${port}}}]}`;

const rules = (jwks: string) => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 8080, name: http, protocol: HTTP}, hosts: ["*"]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: all}
spec:
  hosts: ["*"]
  gateways: [istio-system/front]
  http:
  - match: [{headers: {"@request.auth.claims.group": {exact: admins}}, withoutHeaders: {"@request.auth.claims[realm][locked]": {exact: "yes"}}}]
    route: [{destination: {host: admins.mesh}}]
  - route: [{destination: {host: everybody.mesh}}]
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: istio-system}
spec:
  jwtRules:
  - {issuer: own, jwks: '${jwks}', audiences: [shop], outputClaimToHeaders: [{header: x-user, claim: sub}], outputPayloadToHeader: x-payload}
  - {issuer: passed, jwks: '${jwks}', forwardOriginalToken: true, fromHeaders: [{name: x-token, prefix: "T "}], fromParams: [t], fromCookies: [c]}
  - {issuer: unknown, jwksUri: "https://keys.example.com/"}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: scoped, namespace: istio-system}
spec:
  action: DENY
  rules:
  - {to: [{operation: {paths: [/mine]}}], from: [{source: {notRequestPrincipals: ["own/*"]}}]}
  - {to: [{operation: {paths: [/write]}}], when: [{key: "request.auth.claims[scope]", notValues: [write]}]}`;

beforeAll(async () => {
  [keys, strangers] = await Promise.all([generateKeyPair("RS256"), generateKeyPair("RS256")]);
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: "k" }] });
  const objects: string[] = [];
  for (const name of ["admins", "everybody"]) {
    const server = http.createServer((request, response) =>
      response.end(JSON.stringify({ by: name, headers: request.headers })),
    );
    await once(server.listen(0, "127.0.0.1"), "listening");
    running.push(server);
    objects.push(service(name, (server.address() as AddressInfo).port));
  }
  envoy = await ServedEnvoy.start({ ip });
  deepStrictEqual(await envoy.take(configOf(proxy, [...objects, rules(jwks)].join("\n---")), { asks: true }), []);
});

afterAll(async () => {
  await envoy?.stop();
  for (const server of running) server.close();
});

interface Answer {
  readonly status: number;
  readonly by?: string;
  readonly headers?: IncomingHttpHeaders;
}

async function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const asked = http.get({ host: ip, port: 8080, path, headers, agent: false });
  const [response] = (await once(asked, "response")) as [http.IncomingMessage];
  const body = await text(response);
  return { status: response.statusCode ?? 0, ...(response.statusCode === 200 ? JSON.parse(body) : {}) };
}

const token = (iss: string, claims: object = {}, by = keys, aud = "shop") =>
  new SignJWT({ iss, sub: "ann", aud, ...claims })
    .setProtectedHeader({ alg: "RS256", kid: "k" })
    .setExpirationTime("1h")
    .sign(by.privateKey);
const bearer = async (...said: Parameters<typeof token>) => ({ authorization: `Bearer ${await token(...said)}` });
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("whether a token is taken", () => {
  test("a request without one passes", async () => strictEqual((await get("/")).by, "everybody"));

  test("one that is signed by the issuer's key passes, and is taken off", async () => {
    const { status, headers } = await get("/", await bearer("own"));
    deepStrictEqual([status, headers?.["x-user"], headers?.authorization], [200, "ann", undefined]);
    const payload = JSON.parse(Buffer.from(String(headers?.["x-payload"]), "base64url").toString());
    strictEqual(payload.iss, "own");
  });

  test("one of another's key, another issuer or another audience does not", async () => {
    strictEqual((await get("/", await bearer("own", {}, strangers))).status, 401);
    strictEqual((await get("/", await bearer("nobody"))).status, 401);
    strictEqual((await get("/", await bearer("own", {}, keys, "bank"))).status, 403);
  });

  test("of an issuer whose keys are not known none passes, however it is signed", async () => {
    strictEqual((await get("/", await bearer("unknown"))).status, 401);
    const unsigned = `${base64url({ alg: "none" })}.${base64url({ iss: "unknown", sub: "ann" })}.`;
    strictEqual((await get("/", { authorization: `Bearer ${unsigned}` })).status, 401);
    const signed = `${base64url({ alg: "HS256" })}.${base64url({ iss: "unknown", sub: "ann" })}`;
    const signature = createHmac("sha256", "").update(signed).digest("base64url");
    strictEqual((await get("/", { authorization: `Bearer ${signed}.${signature}` })).status, 401);
  });

  test.each<[string, (text: string) => [string, Record<string, string>]]>([
    ["a header with a prefix", (text) => ["/", { "x-token": `T ${text}` }]],
    ["a parameter", (text) => [`/?t=${text}`, {}]],
    ["a cookie", (text) => ["/", { cookie: `c=${text}` }]],
  ])("%s", async (_, call) => {
    const good = await token("passed", { group: "admins" });
    const found = await get(...call(good));
    deepStrictEqual([found.status, found.by], [200, "admins"]);
    strictEqual((await get(...call(await token("passed", {}, strangers)))).status, 401);
  });

  test("the original is kept where the rule says so", async () => {
    const good = await token("passed");
    strictEqual((await get("/", { "x-token": `T ${good}` })).headers?.["x-token"], `T ${good}`);
  });
});

describe("what it says", () => {
  test("chooses the route: a claim that is a text, or one of a list", async () => {
    strictEqual((await get("/", await bearer("own", { group: "admins" }))).by, "admins");
    strictEqual((await get("/", await bearer("own", { group: ["staff", "admins"] }))).by, "admins");
    strictEqual((await get("/", await bearer("own", { group: "staff" }))).by, "everybody");
  });

  test("keeps from the route where it must not be there, inside another claim", async () => {
    const claims = { group: "admins", realm: { locked: "yes" } };
    strictEqual((await get("/", await bearer("own", claims))).by, "everybody");
  });

  test("is what policies ask for: the principal, and a claim that is a list with spaces", async () => {
    strictEqual((await get("/mine")).status, 403);
    strictEqual((await get("/mine", await bearer("own"))).status, 200);
    strictEqual((await get("/write", await bearer("own", { scope: "read" }))).status, 403);
    strictEqual((await get("/write", await bearer("own", { scope: "read write" }))).status, 200);
  });
});
