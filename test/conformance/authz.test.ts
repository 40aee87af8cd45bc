import { deepStrictEqual, ok } from "node:assert";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { JsonObject } from "@bufbuild/protobuf";
import { afterAll, beforeAll, expect, test } from "vitest";
import { authorizationSet } from "../../src/discovery/resources/authorization.ts";
import {
  httpAuthorizationName,
  tcpAskNames,
  tcpAuthorizationNames,
} from "../../src/envoy/security/authorization-slot.ts";
import { decodeResource } from "../../src/main/decode.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { makeCertificates } from "../cluster/certificates.ts";
import { meshConfig, resources, trackerOf } from "../cluster/mesh.ts";
import { type EnvoyProcess, startEnvoy } from "../route/envoy-process.ts";
import { bytesPass, httpStatus, observed, type Probe, plainProbe } from "./authz-probe.ts";
import { type Authorizer, startAuthorizer } from "./authz-provider.ts";

// Istio's own Envoy configuration of a policy and ours, both in one Envoy, asked the same.

interface Case {
  readonly id: string;
  readonly protocol: "http" | "tcp";
  readonly input: string;
  readonly workload: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };
  readonly envoyStatic: string;
  /** Of MeshConfig. */
  readonly extensionProvider?: JsonObject;
}

const folder = resolve(import.meta.dirname, "../../../shared/conformance/authz");
const isHere = existsSync(join(folder, "cases.json"));
const read = (file: string) => readFileSync(join(folder, file), "utf8");
const cases = isHere ? (JSON.parse(read("cases.json")) as { cases: Case[] }).cases : [];

const directory = mkdtempSync(join(tmpdir(), "authz-"));
let envoy: EnvoyProcess;
let authorizer: Authorizer;

/** Certificates of callers, by name: the URIs in each. */
const callers = {
  ...{ nobody: ["nobody/ns/none/sa/none"], allow: ["allow"], deny: ["deny"], both: ["allow", "deny"] },
  ...{ "ns-1": ["td/ns/ns-1/sa/a"], "ns-2": ["td/ns/ns-2/sa/a"] },
  ...Object.fromEntries(
    [0, 1].flatMap((f) => [
      [`source${f}`, [`rule1-from${f}-principal2`, `td/ns/rule1-from${f}-ns1/sa/a`]],
      [`principal${f}`, [`rule1-from${f}-principal1`]],
      [`namespace${f}`, [`td/ns/rule1-from${f}-ns2/sa/a`]],
    ]),
  ),
} as const;

/**
 * The names of one case are no HTTP (`rule[0]-to[0]-path[1]`), and its callers' addresses are not this machine's. What is made of them is, in the
 * policy and in Istio's answer alike.
 */
function speakable(text: string): string {
  return text
    .replaceAll(/rule\[(\d)\]-to\[(\d)\]-path\[(\d)\]/g, "/rule$1-to$2-path$3")
    .replaceAll(/\b10\.1\.(\d)\.(\d)\b/g, "127.1.$1.$2")
    .replaceAll("192.1.1.2", "127.1.9.2")
    .replaceAll(/(rule|from|to|principal|requestPrincipal|ns|method|host)\\*\[(\d)\\*\]/g, "$1$2");
}

const changed = (base: Partial<Probe>, ...changes: readonly Partial<Probe>[]): Probe[] =>
  [{}, ...changes].map((change) => ({ ...plainProbe, ...base, ...change }));

/** One of the rule's alternatives in full, and the same with one thing changed at a time. */
function alternatives(): Probe[] {
  const blocks = [
    ["127.1.0.2", "172.22.3.9"],
    ["127.1.9.2", "192.168.4.200"],
  ] as const;
  return [0, 1].flatMap((f) =>
    [0, 1].flatMap((t) => {
      const [ip, remoteIp] = blocks[f] as (typeof blocks)[number];
      const claims = { iss: `rule1-from${f}-requestPrincipal2`, sub: "" };
      const operation = { method: `rule1-to${t}-method1`, path: `/rule1-to${t}-path2`, host: `RULE1-to${t}-host1` };
      const base = { from: `source${f}`, ip, remoteIp, claims, ...operation, port: 9102 + 10 * t };
      return changed(
        base,
        ...[{ from: `principal${f}` }, { from: `namespace${f}` }, { from: `source${1 - f}` }, { ip: "127.1.0.9" }],
        ...[{ remoteIp: "172.22.4.1" }, { claims: { ...claims, sub: "x" } }, { claims: { iss: "x", sub: "" } }],
        ...[{ method: "GET" }, { method: operation.method.toUpperCase() }, { path: `${operation.path}/` }],
        ...[{ path: `${operation.path}?q=1` }, { host: "other" }, { port: 9101 }, { port: 9112 }, { port: 9001 }],
        ...[
          { path: operation.path.toUpperCase() },
          { host: operation.host.toLowerCase() },
          { headers: { "x-header": "header" } },
        ],
      );
    }),
  );
}

/** What is asked of a case, beside what is asked of all. */
const own: Readonly<Record<string, readonly Probe[]>> = {
  "authz-http-single-policy": alternatives(),
  "authz-http-dry-run-mix": changed(
    { path: "/allow" },
    { path: "/another" },
    { path: "/another?q" },
    { path: "/Another" },
  ),
  // The provider is asked of the first two alone; it says no to some, and what it cannot say is taken for yes.
  "authz-http-custom-http-provider": ["/httpbin1", "/httpbin2", "/httpbin3"].flatMap((path) =>
    changed(
      { path },
      { headers: { "x-custom-id": "refuse" } },
      { headers: { "x-custom-id": "fail" } },
      { headers: { "x-other": "refuse" } },
    ),
  ),
  "authz-http-custom-bad-invalid-config": changed({ path: "/httpbin1" }, { path: "/httpbin2" }, { path: "/httpbin3" }),
  "authz-http-custom-bad-multiple-providers": changed(
    { path: "/httpbin1" },
    { path: "/httpbin2" },
    { path: "/httpbin3" },
  ),
  "authz-tcp-dry-run-mix": changed({ port: 80 }, { port: 9000 }),
};
const common = Object.keys(callers).flatMap((from) =>
  changed({ from }, { method: "POST" }, { port: 80 }, { host: "example.com" }),
);

/** What only Istio's side can be asked for lack of a way to say it, or what it decides by itself for all. */
const alwaysSame = new Set([
  ...["authz-http-allow-empty-rule", "authz-http-allow-nil-rule"],
  ...["authz-tcp-allow-only-http", "authz-tcp-custom-only-http", "authz-tcp-deny-both-http-tcp"],
]);

/** What cases.json calls the mesh's providers, and the services that they are. */
function meshOf(c: Case) {
  const provider = c.extensionProvider as Provider | undefined;
  if (provider === undefined) return [];
  const said = provider.envoyExtAuthzHttp ?? provider.envoyExtAuthzGrpc;
  const [namespace, host] = (said?.service ?? "").split("/");
  if (!host) return [meshConfig({ extensionProviders: [provider] })];
  const entry = `{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: authorizer, namespace: ${namespace}},
    spec: {hosts: [${host}], location: MESH_INTERNAL, resolution: STATIC, ports: [{number: ${said?.port}, name: http, protocol: HTTP}]}}`;
  return [meshConfig({ extensionProviders: [provider] }), ...resources(entry, "authorizer.yaml")];
}

type Provider = Readonly<Record<string, { readonly service?: string; readonly port?: number } | undefined>>;

/**
 * Istio asks several providers of one workload where it is told to (PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS); the case is of an Istio that was
 * not, and refuses what either is to be asked of. Here the provider that is there is asked of its own, as Istio with that switch does.
 */
function isAsked(id: string, { path }: Probe): boolean {
  return id === "authz-http-custom-bad-multiple-providers" && path === "/httpbin1";
}

function ours(c: Case): JsonObject[] {
  const tracker = trackerOf([...meshOf(c), ...resources(speakable(read(c.input)), c.input)]);
  const made = tracker.ask(authorizationSet, JSON.stringify({ ...c.workload, kind: "sidecar" })).resources;
  const asking = [...made.keys()].filter((name) => tcpAskNames("").some((place) => name.startsWith(place)));
  return (c.protocol === "http" ? [httpAuthorizationName] : [...asking, ...tcpAuthorizationNames]).map((name) => {
    const found = made.get(name);
    ok(found, name);
    const { typed_config } = decodeResource(TYPE.extension, found.body) as { typed_config: JsonObject };
    return { name, typed_config };
  });
}

/** Whom Istio's side asks: both ask the same. */
function clustersOf(c: Case): readonly string[] {
  const { staticResources } = JSON.parse(read(c.envoyStatic)) as {
    staticResources: { clusters?: readonly { name: string }[] };
  };
  return (staticResources.clusters ?? []).map(({ name }) => name);
}

beforeAll(async () => {
  if (!isHere) return;
  const subjects = Object.entries(callers).map(([name, uris]) => [
    name,
    uris.map((u) => `URI:spiffe://${u}`).join(","),
  ]);
  await makeCertificates(directory, Object.fromEntries(subjects));
  const listeners = cases.flatMap((c) => {
    const { staticResources } = JSON.parse(speakable(read(c.envoyStatic))) as {
      staticResources: { listeners: [JsonObject] };
    };
    const [listener] = staticResources.listeners;
    return [observed(listener, `${c.id}/istio`, directory), observed(listener, `${c.id}/ours`, directory, ours(c))];
  });
  authorizer = await startAuthorizer();
  const clusters = [...new Set(cases.flatMap(clustersOf))].map(authorizer.cluster);
  envoy = await startEnvoy({ listeners, clusters } as JsonObject);
});
afterAll(async () => {
  await envoy?.stop();
  await authorizer?.stop();
  rmSync(directory, { recursive: true, force: true });
});

if (!isHere) {
  test("the conformance cases are here", () => {
    process.stdout.write("conformance/authz: no cases at ../shared/conformance, nothing was checked\n");
    expect(process.env["CI"]).not.toBe("true");
  });
} else {
  test.each(cases.map((c) => [c.id, c] as const))("%s", async (id, { protocol }) => {
    const ask = protocol === "http" ? httpStatus : bytesPass;
    const seen = new Set<number | boolean>();
    for (const probe of [...(own[id] ?? []), ...common]) {
      const answer = (side: string) => ask(directory, envoy.port(`${id}/${side}`), probe);
      const [istio, weft] = await Promise.all([answer("istio"), answer("ours")]);
      seen.add(istio);
      deepStrictEqual({ probe, answer: weft }, { probe, answer: isAsked(id, probe) ? 200 : istio });
    }
    deepStrictEqual(seen.size, alwaysSame.has(id) ? 1 : 2, "the probes tell the policy's two sides apart");
  });
}
