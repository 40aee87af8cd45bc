import { deepStrictEqual, ok, throws } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, test } from "vitest";
import { checkObjects } from "../../src/cli/policy/check-files.ts";
import { authorizationSet } from "../../src/discovery/resources/authorization.ts";
import { httpAuthorizationName, tcpAuthorizationNames } from "../../src/envoy/security/authorization-slot.ts";
import { decodeResource } from "../../src/main/decode.ts";
import type { Request } from "../../src/reason/request.ts";
import { httpFilters, verdictOf } from "../../src/reason/verdict.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { makeCertificates } from "../cluster/certificates.ts";
import { resources, trackerOf } from "../cluster/mesh.ts";
import { bytesPass, httpStatus, observed, type Probe, plainProbe } from "../conformance/authz-probe.ts";
import { Dice } from "../property/dice.ts";
import { type EnvoyProcess, startEnvoy } from "../route/envoy-process.ts";

// What `weft policy check` answers is what a real Envoy does: random policies, asked random requests.

const directory = mkdtempSync(join(tmpdir(), "policy-check-"));
const accounts = ["web", "app", "admin"];
const worlds = 14;
const asks = 60;
let envoy: EnvoyProcess;

const values = {
  principals: ["cluster.local/ns/shop/sa/web", "*/sa/app", "cluster.local/ns/shop/*", "*", "td/ns/shop/sa/web"],
  namespaces: ["shop", "sh*", "other"],
  ipBlocks: ["127.77.0.0/24", "127.77.0.2"],
  remoteIpBlocks: ["10.79.0.0/16", "10.80.0.1"],
  requestPrincipals: ["iss/sub", "*", "iss/*"],
  methods: ["GET", "POST", "P*"],
  paths: ["/a", "/a/*", "*.html", "/a/{*}/c", "/{**}", "/b"],
  hosts: ["host.test", "*.test", "HOST.test:80", "other"],
  ports: ["7777", "7778"],
};
const whens = [
  { key: "request.headers[x-user]", values: ["ann", "b*", "*"] },
  { key: "request.auth.claims[group]", values: ["staff", "s*"] },
  { key: "destination.port", values: ["7777"] },
  { key: "connection.sni", values: ["sni.test", "*.test"] },
  { key: "source.namespace", values: ["shop"] },
];

function fields(dice: Dice, names: readonly (keyof typeof values)[]): Record<string, readonly string[]> {
  return Object.fromEntries(
    names.flatMap((name) => {
      if (dice.number(3) > 0) return [];
      const negated = dice.number(4) === 0;
      const key = negated ? `not${name[0]?.toUpperCase()}${name.slice(1)}` : name;
      return [[key, [dice.one(values[name]), ...(dice.number(2) === 0 ? [dice.one(values[name])] : [])]]];
    }),
  );
}

function rule(dice: Dice): object {
  const sources = ["principals", "namespaces", "ipBlocks", "remoteIpBlocks", "requestPrincipals"] as const;
  const from = Array.from({ length: dice.number(3) }, () => ({ source: fields(dice, sources) }));
  const to = Array.from({ length: dice.number(3) }, () => ({
    operation: fields(dice, ["methods", "paths", "hosts", "ports"]),
  }));
  const when = dice.number(3) === 0 ? [dice.one(whens)] : [];
  const some = (all: readonly object[]) => all.filter((one) => Object.keys(Object.values(one)[0] as object).length > 0);
  return {
    ...(some(from).length > 0 ? { from: some(from) } : {}),
    ...(some(to).length > 0 ? { to: some(to) } : {}),
    ...(when.length > 0
      ? { when: when.map((w) => (dice.number(4) === 0 ? { key: w.key, notValues: w.values } : w)) }
      : {}),
  };
}

/** Policies of a workload. */
function world(seed: number): string {
  const dice = new Dice(seed);
  const policy = (name: string, action: string) => ({
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name, namespace: "shop" },
    spec: { action, rules: Array.from({ length: 1 + dice.number(3) }, () => rule(dice)) },
  });
  const all = [
    ...(dice.number(3) > 0 ? [policy("d", "DENY")] : []),
    ...(dice.number(4) > 0 ? [policy("a", "ALLOW")] : []),
  ];
  return all.map((one) => JSON.stringify(one)).join("\n---\n");
}

interface Extensions {
  readonly http: JsonObject;
  readonly tcp: readonly JsonObject[];
}

function extensions(text: string): Extensions {
  const key = JSON.stringify({ namespace: "shop", labels: {}, kind: "sidecar" });
  const made = trackerOf(text === "" ? [] : resources(text, "x.yaml")).ask(authorizationSet, key).resources;
  const decoded = (name: string) => {
    const found = made.get(name);
    ok(found, name);
    return decodeResource(TYPE.extension, found.body) as JsonObject;
  };
  return { http: decoded(httpAuthorizationName), tcp: tcpAuthorizationNames.map(decoded) };
}

const type = (name: string, rest: JsonObject): JsonObject => ({
  "@type": `type.googleapis.com/envoy.extensions.${name}`,
  ...rest,
});
const http: JsonObject = {
  name: "hcm",
  typedConfig: type("filters.network.http_connection_manager.v3.HttpConnectionManager", {
    statPrefix: "x",
    routeConfig: {
      virtualHosts: [
        { name: "all", domains: ["*"], routes: [{ match: { prefix: "/" }, directResponse: { status: 200 } }] },
      ],
    },
    httpFilters: [{ name: "router", typedConfig: type("filters.http.router.v3.Router", {}) }],
  }),
};
const echo: JsonObject = { name: "echo", typedConfig: type("filters.network.echo.v3.Echo", {}) };
const listener = (filter: JsonObject): JsonObject => ({
  address: { socketAddress: { address: "127.0.0.1", portValue: 0 } },
  filterChains: [{ filters: [filter] }],
});

const made = Array.from({ length: worlds }, (_, seed) => extensions(world(seed + 1)));

beforeAll(async () => {
  const uri = (account: string) =>
    `URI:spiffe://cluster.local/ns/${account === "admin" ? "other" : "shop"}/sa/${account}`;
  await makeCertificates(directory, Object.fromEntries(accounts.map((account) => [account, uri(account)])));
  const listeners = made.flatMap((one, i) => [
    observed(listener(http), `${i}/http`, directory, [one.http]),
    observed(listener(echo), `${i}/tcp`, directory, one.tcp),
  ]);
  envoy = await startEnvoy({ listeners } as unknown as JsonObject);
});
afterAll(async () => {
  await envoy?.stop();
  rmSync(directory, { recursive: true, force: true });
});

function probe(dice: Dice): Probe {
  const headers = dice.one([{}, { "x-user": "ann" }, { "x-user": "bob" }, { "x-user": "carl" }]);
  const claims = dice.one([
    undefined,
    { iss: "iss", sub: "sub" },
    { iss: "iss", sub: "x", group: "staff" },
    { group: "g" },
  ]);
  return {
    ...plainProbe,
    from: dice.one(accounts),
    ip: dice.one(["127.77.0.1", "127.77.0.2", "127.77.1.1"]),
    remoteIp: dice.one(["10.79.0.1", "10.80.0.1", "10.81.0.1"]),
    port: dice.one([7777, 7778]),
    sni: dice.one(["sni.test", "sni.other"]),
    method: dice.one(["GET", "POST", "PUT", "DELETE"]),
    path: dice.one(["/a", "/a/", "/a/b/c", "/a/b/c?x=1", "/a/b/d", "/b", "/x.html", "/B", "/"]),
    host: dice.one(["host.test", "Host.Test", "a.test", "other", "host.test:80"]),
    headers,
    ...(claims === undefined ? {} : { claims }),
  };
}

function requestOf(probe: Probe, withHttp: boolean): Request {
  const namespace = probe.from === "admin" ? "other" : "shop";
  return {
    identity: `spiffe://cluster.local/ns/${namespace}/sa/${probe.from}`,
    ...{ address: probe.ip, remoteAddress: withHttp ? probe.remoteIp : probe.ip },
    ...{ destination: { address: probe.to, port: probe.port }, serverName: probe.sni },
    ...(withHttp ? { method: probe.method, path: probe.path } : {}),
    headers: withHttp
      ? [[":method", probe.method], [":path", probe.path], [":authority", probe.host], ...Object.entries(probe.headers)]
      : [],
    metadata: {
      ...(probe.claims === undefined ? {} : { "envoy.filters.http.jwt_authn": { payload: probe.claims } }),
      "weft.headers": probe.headers,
    },
  };
}

describe("what is answered is what Envoy does", () => {
  test.each(made.map((one, i) => [i, one] as const))("requests of world %d", async (i, one) => {
    const dice = new Dice(1000 + i);
    for (let n = 0; n < asks; n++) {
      const asked = probe(dice);
      const status = await httpStatus(directory, envoy.port(`${i}/http`), asked);
      const { allowed, by, how } = verdictOf(httpFilters(one.http), requestOf(asked, true));
      deepStrictEqual({ allowed, asked }, { allowed: status === 200, asked });
      ok(by !== undefined || how !== "denied");
    }
  });

  test.each(made.map((one, i) => [i, one] as const))("connections of world %d", async (i, one) => {
    const dice = new Dice(2000 + i);
    const filters = one.tcp.map((e) => ({ name: String(e["name"]), config: e["typed_config"] as JsonObject }));
    for (let n = 0; n < 12; n++) {
      const asked = probe(dice);
      const passed = await bytesPass(directory, envoy.port(`${i}/tcp`), asked);
      const { allowed } = verdictOf(filters, requestOf(asked, false));
      deepStrictEqual({ allowed, asked }, { allowed: passed, asked });
    }
  });

  test("both answers come often enough to tell something", () => {
    const dice = new Dice(7);
    const seen = made.flatMap((one) =>
      Array.from({ length: 40 }, () => verdictOf(httpFilters(one.http), requestOf(probe(dice), true)).allowed),
    );
    for (const answer of [true, false]) ok(seen.filter((s) => s === answer).length > seen.length / 10);
  });
});
describe("weft policy check -f", () => {
  const files = `
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, ports: [{name: http, port: 80, targetPort: web}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api-v1, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {serviceAccountName: api, containers: [{name: app, ports: [{name: web, containerPort: 8080}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, template: {metadata: {labels: {app: cart}}, spec: {serviceAccountName: cart}}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  rules:
  - to: [{operation: {methods: [GET], ports: ["8080"]}}]
    from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]
  - to: [{operation: {methods: [GET], paths: ["/carts/{*}"]}}]
    from: [{source: {serviceAccounts: [cart]}}]
`;
  const check = (from: string, method: string, path: string, more: string = "") =>
    checkObjects(
      { from, to: "api:80", method, path, namespace: "shop", headers: [] },
      resources(files + more, "shop.yaml"),
    );

  test("who is allowed, by which line, and why others are not", () => {
    const allowed = check("cart", "GET", "/carts/7?x=1");
    deepStrictEqual([allowed.allowed, allowed.how, allowed.policy?.rule], [true, "allowed", 1]);
    deepStrictEqual(allowed.to, { namespace: "shop", workload: "api-v1", port: 8080 });
    deepStrictEqual(
      allowed.others.map(({ policy, why }) => [policy?.rule, why]),
      [[0, 'the caller is not "spiffe://cluster.local/ns/shop/sa/web"']],
    );
    const denied = check("cart", "POST", "/carts/7");
    deepStrictEqual([denied.allowed, denied.how, denied.policy], [false, "no-match", undefined]);
    deepStrictEqual(
      denied.others.map(({ why }) => why),
      ['the method is not "GET"', 'the method is not "GET"'],
    );
    deepStrictEqual(check("shop/sa/web", "GET", "/").policy?.rule, 0);
    deepStrictEqual(check("anonymous", "GET", "/carts/7").others[1]?.why, "the caller has no verified certificate");
  });

  test("where mutual TLS is strict, somebody without a certificate comes to no policy", () => {
    const strict = `
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
`;
    deepStrictEqual(check("anonymous", "GET", "/", strict).how, "plaintext");
    deepStrictEqual(check("cart", "GET", "/carts/7", strict).how, "allowed");
  });

  test("a Service's name with its port is the Service, though a workload is called so, too", () => {
    const twin = `
---
apiVersion: v1
kind: Service
metadata: {name: api-v1, namespace: shop}
spec: {selector: {app: api}, ports: [{name: http, port: 81, targetPort: 8080}]}
`;
    const asked = (to: string) =>
      checkObjects(
        { from: "cart", to, method: "GET", path: "/carts/7", namespace: "shop", headers: [] },
        resources(files + twin, "shop.yaml"),
      ).to.port;
    deepStrictEqual(
      [asked("api-v1:81"), asked("api-v1:8080"), asked("api-v1"), asked("shop/api-v1:8081")],
      [8080, 8080, 8080, 8081],
    );
  });

  test("names that nobody has are told", () => {
    throws(() => check("nobody", "GET", "/"), /there is no workload shop\/nobody/);
  });
});
