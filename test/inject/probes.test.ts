import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { injectPod } from "../../src/inject/inject-pod.ts";
import type { Container, Pod, Probe } from "../../src/inject/pod.ts";
import { defaultSettings } from "../../src/inject/settings.ts";
import { empty } from "../../src/model/snapshot.ts";
import { ownAddress } from "../proxy/own-address.ts";
import { type Application, grpcApplication, httpApplication, tcpApplication } from "./applications.ts";
import { ask, freePort, newAuthority, Plane, Sidecar } from "./sidecar-bed.ts";

// A Pod's probes go through injection, its bootstrap to a real Envoy, and this test asks as a kubelet would.

const ip = ownAddress();
let apps: { http: Application; https: Application; tcp: Application; grpc: Application };
let closed: number;
let plane: Plane;
let sidecar: Sidecar;
let containers: readonly Container[];

const soon = { timeout: 20_000, interval: 50 };

function podOf(): Pod {
  const { http, https, tcp, grpc } = apps;
  const probed = (name: string, readinessProbe: Probe, more: object = {}): Container => ({
    ...{ name, image: "web:1", readinessProbe: { periodSeconds: 1, ...readinessProbe } },
    ...more,
  });
  const get = (path: string, more: object = {}) => ({ httpGet: { port: http.port, path, ...more } });
  return {
    metadata: { name: "web-1", namespace: "shop", labels: { app: "web" } },
    spec: {
      containers: [
        probed("ok", get("/ok?deep=1", { httpHeaders: [{ name: "x-asked", value: "yes" }] })),
        probed(
          "named",
          { httpGet: { port: "web", path: "/named" } },
          { ports: [{ name: "web", containerPort: http.port }] },
        ),
        probed("broken", get("/broken")),
        probed("moved", get("/moved")),
        probed("never", { ...get("/never"), timeoutSeconds: 1 }),
        probed("down", { httpGet: { port: closed } }),
        probed("secure", { httpGet: { port: https.port, path: "/ok", scheme: "HTTPS" } }),
        probed("plain-to-tls", { httpGet: { port: https.port, path: "/ok" } }),
        probed("tcp", { tcpSocket: { port: tcp.port } }),
        probed("tcp-down", { tcpSocket: { port: closed } }),
        probed("grpc", { grpc: { port: grpc.port } }),
        probed("grpc-good", { grpc: { port: grpc.port, service: "good" } }),
        probed("grpc-bad", { grpc: { port: grpc.port, service: "bad" } }),
        probed("grpc-unknown", { grpc: { port: grpc.port, service: "other" } }),
        probed("grpc-to-http", { grpc: { port: http.port } }),
        probed("hooked", get("/ok"), { lifecycle: { preStop: get("/bye") } }),
      ],
    },
  };
}

/** Asks as the kubelet does for what the injected Pod says now. */
function probe(name: string, which: "readinessProbe" | "preStop" = "readinessProbe") {
  const container = containers.find((each) => each.name === name);
  const { httpGet } = (which === "preStop" ? container?.lifecycle?.preStop : container?.readinessProbe) ?? {};
  if (httpGet === undefined) throw new Error(`the container ${name} is not asked by HTTP`);
  const headers = Object.fromEntries((httpGet.httpHeaders ?? []).map((header) => [header.name, header.value]));
  return ask(ip, Number(httpGet.port), httpGet.path ?? "/", headers);
}
const answers = (name: string, status: number) =>
  vi.waitFor(async () => expect((await probe(name)).status).toBe(status), soon);

beforeAll(async () => {
  const authority = await newAuthority();
  const own = await authority.issueServer(
    { trustDomain: "cluster.local", namespace: "shop", serviceAccount: "web" },
    { dns: ["somebody.else"], ips: [] },
  );
  apps = {
    http: await httpApplication(ip),
    https: await httpApplication(ip, { key: own.key.pem(), cert: own.chain }),
    tcp: await tcpApplication(ip),
    grpc: await grpcApplication(ip),
  };
  closed = await freePort(ip);
  const context = { settings: defaultSettings, snapshot: empty, revision: "default", installNamespace: "istio-system" };
  const injected = injectPod(podOf(), { namespace: "shop", drainKey: "test" }, context);
  if (!("pod" in injected)) throw new Error(JSON.stringify(injected));
  containers = injected.pod.spec?.containers ?? [];
  plane = new Plane(ip);
  await plane.listen(authority);
  sidecar = new Sidecar(injected.pod, ip);
  sidecar.give("token", authority.roots.join(""));
  sidecar.start(plane);
  await vi.waitFor(
    async () => expect([(await ask(ip, 15021, "/healthz/ready")).status, sidecar.said]).toEqual([200, ""]),
    soon,
  );
}, 30_000);

afterAll(async () => {
  await sidecar?.stop();
  await plane?.close();
  for (const app of Object.values(apps ?? {})) app.close();
});

describe("HTTP", () => {
  test("reaches the application from an address that is not captured, with path, query and headers", async () => {
    apps.http.seen.length = 0;
    expect(await probe("ok")).toMatchObject({ status: 200, body: "application" });
    expect(apps.http.seen).toEqual(expect.arrayContaining(["from 127.0.0.6", `GET ${ip}:15020 /ok?deep=1 yes`]));
    expect((await probe("named")).status).toBe(200);
    expect((await probe("hooked", "preStop")).status).toBe(200);
    expect(apps.http.seen).toContain(`GET ${ip}:15020 /bye `);
  });

  test("fails where the application does", async () => {
    expect((await probe("broken")).status).toBe(500);
    expect((await probe("down")).status).toBe(503);
    expect((await probe("never")).status).toBe(504);
    expect((await probe("plain-to-tls")).status).toBeGreaterThanOrEqual(400);
  });

  test("a redirect is a sign of life, and is not followed to a port that is not the application's", async () => {
    const { status, headers } = await probe("moved");
    expect([status, headers["location"]]).toEqual([302, undefined]);
  });

  test("over TLS, whoever signed the certificate", async () => {
    expect((await probe("secure")).status).toBe(200);
  });

  test("nothing else is passed on", async () => {
    expect((await ask(ip, 15020, "/ok")).status).toBe(404);
    expect((await ask(ip, 15020, "/app-health/ok/readyz/../other")).status).toBe(404);
  });

  test.each([
    ["another method", { method: "POST" }],
    ["a query", { path: "/app-health/named/readyz?admin=1" }],
  ])("whoever asks cannot call the application: %s", async (_, options) => {
    apps.http.seen.length = 0;
    const asked = request({ host: ip, port: 15020, path: "/app-health/named/readyz", agent: false, ...options });
    asked.end();
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(404);
    expect(apps.http.seen.filter((line) => line.includes("/named"))).toEqual([]);
  });

  test("an application that goes away fails, and passes when it is back", async () => {
    apps.http.close();
    await answers("ok", 503);
    await apps.http.open();
    await answers("ok", 200);
  });
});

describe("TCP", () => {
  test("passes while somebody listens, and fails while nobody does", async () => {
    await answers("tcp", 200);
    expect(apps.tcp.seen).toContain("from 127.0.0.6");
    expect((await probe("tcp-down")).status).toBe(503);
    apps.tcp.close();
    await answers("tcp", 503);
    await apps.tcp.open();
    await answers("tcp", 200);
  });
});

describe("gRPC", () => {
  test("asks for the service", async () => {
    await answers("grpc", 200);
    await answers("grpc-good", 200);
    expect(apps.grpc.seen).toContain("/grpc.health.v1.Health/Check good");
  });

  test("fails where it does not serve, is not known, or speaks something else", async () => {
    for (const name of ["grpc-bad", "grpc-unknown", "grpc-to-http"]) expect((await probe(name)).status).toBe(503);
    apps.grpc.close();
    await answers("grpc-good", 503);
    await apps.grpc.open();
    await answers("grpc-good", 200);
  });
});

test("whoever knows the way may drain the proxy; nobody else", async () => {
  expect((await ask(ip, 15020, "/drain/other")).status).toBe(404);
  expect((await ask(ip, 15020, "/drain/test")).status).toBe(200);
  const { body } = await ask(ip, 15000, "/stats?filter=weft-admin.upstream_rq_total");
  expect(body).toContain("cluster.weft-admin.upstream_rq_total");
});
