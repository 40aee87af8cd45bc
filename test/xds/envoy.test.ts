import { mkdtempSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Authority, openAuthority } from "../../src/ca/authority.ts";
import { PrivateFiles } from "../../src/ca/private-files.ts";
import { workloadSecrets } from "../../src/ca/secret.ts";
import { openTokens } from "../../src/ca/token.ts";
import type { Peer } from "../../src/discovery/discovery.ts";
import type { Log } from "../../src/std/log.ts";
import { GRPC } from "../../src/xds/grpc.ts";
import type { ProxyConfig, XdsResource } from "../../src/xds/resource.ts";
import { createXdsServer, type XdsServer } from "../../src/xds/server.ts";
import type { Ack, Nack, Session } from "../../src/xds/session.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { cluster, endpoints, freePort, get, listener, ON_DEMAND_TIMEOUT_S, routes, setOf } from "./mesh.ts";
import { type RunningProxy, startProxy } from "./proxy.ts";

// One real Envoy that calls itself: a plaintext listener routes to an mTLS listener, and that to an application. Token, certificates,
// clusters, endpoints, listeners and routes all come over one delta stream.

const NODE = "sidecar~10.0.0.1~reviews-0.default~default.svc.cluster.local";
const identity = { trustDomain: "cluster.local", namespace: "default", serviceAccount: "reviews" };
const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
const clock = {
  now: () => Date.now(),
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
const random = { next: Math.random, bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };

let authority: Authority;
let app: Server;
let appPort: number;
let clientPort: number;
let serverPort: number;
let xdsPort: number;
let token: string;
let proxy: RunningProxy;
let server: XdsServer<Peer>;
let verify: (authorization: string | undefined) => Promise<Peer | string>;
const parts = new Map<string, XdsResource[]>();
const acks: Ack[] = [];
const nacks: Nack[] = [];

const config = (): ProxyConfig => new Map([...parts].map(([type, resources]) => [type, setOf(...resources)]));
const session = () => server.sessions()[0] as Session<Peer>;
const settled = () => vi.waitFor(() => expect(session()?.settled).toBe(true), { timeout: 20_000 });
const answers = (path: string, status: number, headers: Record<string, string> = {}) =>
  vi.waitFor(async () => expect(await get(clientPort, path, headers)).toEqual([status, expect.anything()]), {
    timeout: 20_000,
    interval: 20,
  });

async function startServer(): Promise<void> {
  server = createXdsServer<Peer>({
    clock,
    log,
    async authenticate({ headers, tls }) {
      if (!tls) return { refusal: { status: GRPC.unauthenticated, message: "plaintext" } };
      const subject = await verify(headers.authorization);
      if (typeof subject === "string") return { refusal: { status: GRPC.unauthenticated, message: subject } };
      return { peer: subject };
    },
    open(opened) {
      if (!opened.node.id.includes(`${opened.peer.pod}.`))
        return { status: GRPC.permissionDenied, message: "another's node" };
      opened.push(config());
      return undefined;
    },
    onAck: (_, ack) => acks.push(ack),
    onNack: (_, nack) => nacks.push(nack),
  });
  const names = { dns: ["istiod.istio-system.svc"], ips: ["127.0.0.1"] };
  const own = await authority.issueServer({ ...identity, namespace: "istio-system", serviceAccount: "istiod" }, names);
  const tls = { key: own.key.pem(), cert: own.chain, ca: authority.roots.join("") };
  await server.listen({ host: "127.0.0.1", port: xdsPort, tls });
}

beforeAll(async () => {
  const files = new PrivateFiles(join(mkdtempSync(join(tmpdir(), "weft-xds-ca-")), "ca"), log);
  authority = await openAuthority({ home: files, trustDomain: "cluster.local", clock, random, log });
  const tokens = await openTokens({ files, trustDomain: "cluster.local", clock, log });
  verify = async (authorization) => {
    const answer = await tokens.verify(authorization ?? "");
    return "refused" in answer ? answer.refused : answer.subject;
  };
  token = await tokens.issue({ identity, pod: "reviews-0" });
  app = createServer((request, response) => response.end(`hello ${request.url}`));
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  appPort = (app.address() as { port: number }).port;
  [clientPort, serverPort, xdsPort] = [await freePort(), await freePort(), await freePort()];
  const svid = await authority.issue(identity);
  parts.set(TYPE.cluster, [cluster("peer", { mtls: true }), cluster("app")]);
  parts.set(TYPE.endpoint, [endpoints("peer", serverPort), endpoints("app", appPort)]);
  parts.set(TYPE.listener, [listener("client", clientPort), listener("server", serverPort, { mtls: true })]);
  parts.set(TYPE.route, [routes("client", "/app", "peer"), routes("server", "/", "app")]);
  parts.set(TYPE.secret, [...workloadSecrets(svid, authority.trust)]);
  await startServer();
  proxy = startProxy(NODE, xdsPort, await freePort(), { token, root: authority.roots.join("") });
});

afterAll(async () => {
  await proxy?.stop();
  await server?.close();
  app?.close();
});

test("Envoy takes its token, certificates and configuration, and serves through mTLS", async () => {
  await answers("/app", 200);
  expect(await get(clientPort, "/app/1")).toEqual([200, "hello /app/1"]);
  expect((await get(serverPort, "/app"))[0]).toBe(0);
  await settled();
  expect(nacks).toEqual([]);
  const types = session().status();
  expect(types.map((type) => type.state)).toEqual(types.map(() => "synced"));
  expect(types).toHaveLength(5);
});

test("a changed cluster takes its endpoints with it, and is acknowledged before it would have waited for them", async () => {
  acks.length = 0;
  parts.set(TYPE.cluster, [cluster("peer", { mtls: true, timeout: "2s" }), cluster("app", { timeout: "2s" })]);
  session().push(config());
  await settled();
  expect(acks.map((ack) => [ack.typeUrl, ack.resources.length])).toEqual(
    expect.arrayContaining([
      [TYPE.cluster, 2],
      [TYPE.endpoint, 2],
    ]),
  );
  expect(await get(clientPort, "/app")).toEqual([200, "hello /app"]);
});

test("an unknown cluster is answered at once; a known one comes on demand, and comes back after it was gone", async () => {
  const asked = Date.now();
  expect((await get(clientPort, "/x", { "x-cluster": "lazy" }))[0]).toBe(503);
  // Had nobody answered, Envoy would have waited for all of its timeout.
  expect(Date.now() - asked).toBeLessThan(ON_DEMAND_TIMEOUT_S * 1000);
  const eager = parts.get(TYPE.cluster) as XdsResource[];
  const lazy = {
    resources: new Map(eager.map((one) => [one.name, one])),
    onDemand: new Map([["lazy", cluster("lazy")]]),
  };
  parts.set(TYPE.endpoint, [...(parts.get(TYPE.endpoint) as XdsResource[]), endpoints("lazy", appPort)]);
  const withLazy = () => new Map([...config(), [TYPE.cluster, lazy]]);
  session().push(withLazy());
  await answers("/x", 200, { "x-cluster": "lazy" });
  // After a removal Envoy does not ask again: the server must remember that it was asked.
  session().push(config());
  await settled();
  expect(acks.at(-1)).toMatchObject({ typeUrl: TYPE.cluster, removed: ["lazy"] });
  session().push(withLazy());
  await answers("/x", 200, { "x-cluster": "lazy" });
  session().push(config());
  await settled();
});

test("one bad route of two is found with its origin; the good one applies, the old one goes on", async () => {
  nacks.length = 0;
  parts.set(TYPE.route, [
    routes("client", "/new", "peer"),
    { ...routes("server", "", "app"), body: Buffer.from("0A", "hex") },
  ]);
  session().push(config());
  await vi.waitFor(() => expect(nacks.at(-1)?.isolated).toBe(true), { timeout: 20_000 });
  await settled();
  expect(nacks.at(-1)?.resources[0]?.origins).toEqual(["server.yaml:1:1"]);
  expect(nacks.at(-1)?.error).not.toBe("");
  expect(session().resource(TYPE.route, "server")?.error).toBe(nacks.at(-1)?.error);
  expect(await get(clientPort, "/new")).toEqual([200, "hello /new"]);
  parts.set(TYPE.route, [routes("client", "/app", "peer"), routes("server", "/", "app")]);
  session().push(config());
  await answers("/app", 200);
  await settled();
  expect(
    session()
      .status()
      .every((type) => type.state === "synced"),
  ).toBe(true);
});

test("a renewed certificate is taken by new connections without a new listener", async () => {
  acks.length = 0;
  parts.set(TYPE.secret, [...workloadSecrets(await authority.issue(identity), authority.trust)]);
  session().push(config());
  await settled();
  expect(acks.map((ack) => [ack.typeUrl, ack.resources.map((one) => one.name)])).toEqual([[TYPE.secret, ["default"]]]);
  expect(await get(clientPort, "/app")).toEqual([200, "hello /app"]);
});

test("a control plane that comes back sends nothing that the proxy has, and one edit alone reaches it", async () => {
  await server.close();
  expect(await get(clientPort, "/app")).toEqual([200, "hello /app"]);
  acks.length = 0;
  parts.set(TYPE.cluster, [cluster("peer", { mtls: true, timeout: "3s" }), cluster("app", { timeout: "2s" })]);
  await startServer();
  await vi.waitFor(() => expect(acks.some((ack) => ack.typeUrl === TYPE.cluster)).toBe(true), { timeout: 20_000 });
  await settled();
  const sent = acks.flatMap((ack) => ack.resources.map((one) => `${ack.typeUrl.split(".").at(-1)} ${one.name}`));
  expect(sent.sort()).toEqual(["Cluster peer", "ClusterLoadAssignment peer"]);
  expect(await get(clientPort, "/app")).toEqual([200, "hello /app"]);
});

test("a proxy whose token belongs to another pod is refused", async () => {
  const other = startProxy(NODE.replace("reviews-0", "admin-0"), xdsPort, await freePort(), {
    token,
    root: authority.roots.join(""),
  });
  await vi.waitFor(() => expect(other.output()).toContain("another's node"), { timeout: 20_000 });
  expect(server.sessions()).toHaveLength(1);
  await other.stop();
});
