import { deepStrictEqual, strictEqual } from "node:assert";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, test } from "vitest";
import { configOf } from "./mesh.ts";
import { ownAddress } from "./own-address.ts";
import { ServedEnvoy } from "./served-envoy.ts";

// Fallback at one real gateway, with applications that answer, fail, or are not there.

const ip = ownAddress();
const proxy = `proxy: {kind: router, namespace: istio-system, name: gateway, labels: {istio: ingressgateway}, ips: ["${ip}"],
  metadata: {WEFT_MODE: loopback, INTERCEPTION_MODE: NONE, WEFT_HTTP_PROXY_PORT: "0"}}`;
const running: http.Server[] = [];
/** Application → its port, and what it was asked since the state came. */
const ports: Record<string, number> = {};
let asked: string[] = [];
let envoy: ServedEnvoy;

async function application(name: string, status: number): Promise<void> {
  const server = http.createServer(async (request, response) => {
    const body = await text(request);
    asked.push(`${name} ${request.method}${body === "" ? "" : ` ${body}`}`);
    response.writeHead(status, { "x-by": name }).end(name);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ports[name] = (server.address() as AddressInfo).port;
  running.push(server);
}

beforeAll(async () => {
  await Promise.all([
    application("main", 200),
    application("other", 200),
    application("broken", 500),
    application("busy", 503),
  ]);
  const gone = http.createServer().listen(0, "127.0.0.1");
  await once(gone, "listening");
  ports["gone"] = (gone.address() as AddressInfo).port;
  gone.close();
  envoy = await ServedEnvoy.start({ ip });
});
afterAll(async () => {
  await envoy?.stop();
  for (const server of running) server.close();
});

/** `app.mesh` of these applications, `backup.mesh` and `last.mesh` of others, and the objects. */
async function mesh(
  behind: { app: readonly string[]; backup?: readonly string[]; last?: readonly string[] },
  fallback: object,
  ...more: object[]
) {
  const service = (name: string, applications: readonly string[] = []) => ({
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name },
    spec: {
      hosts: [`${name}.mesh`],
      resolution: "STATIC",
      ports: [{ number: 80, name: "main", protocol: "HTTP" }],
      endpoints: applications.map((a) => ({ address: "127.0.0.1", ports: { main: ports[a] }, labels: { app: a } })),
    },
  });
  const gateway = { port: { number: 8080, name: "http", protocol: "HTTP" }, hosts: ["*"] };
  const objects = [
    {
      apiVersion: "networking.istio.io/v1",
      kind: "Gateway",
      metadata: { name: "front", namespace: "istio-system" },
      spec: { selector: { istio: "ingressgateway" }, servers: [gateway] },
    },
    {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "all" },
      spec: {
        hosts: ["*"],
        gateways: ["istio-system/front"],
        http: [{ route: [{ destination: { host: "app.mesh" } }] }],
      },
    },
    ...Object.entries(behind).map(([name, applications]) => service(name, applications)),
    { apiVersion: "weft.dev/v1", kind: "Fallback", metadata: { name: "f" }, spec: { host: "app.mesh", ...fallback } },
    ...more,
  ];
  deepStrictEqual(await envoy.take(configOf(proxy, objects.map((o) => JSON.stringify(o)).join("\n---\n"))), []);
  asked = [];
}

async function call(method = "GET", body = "") {
  const request = http.request({ host: ip, port: 8080, method, headers: { host: "shop.test" }, agent: false });
  request.end(body);
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

const backup = [{ host: "backup.mesh" }];
const answer = { status: 200, body: "[]", headers: { "content-type": "application/json", "x-share": "50%" } };

describe("the next in order answers", () => {
  test.each([
    ["without endpoints", []],
    ["that refuses connections", ["gone"]],
  ])("for one %s, to every method", async (_, app) => {
    await mesh({ app, backup: ["other"] }, { destinations: backup });
    for (const method of ["PUT", "POST"]) strictEqual((await call(method, "x")).body, "other", method);
    deepStrictEqual(asked, ["other PUT x", "other POST x"]);
  });

  test("one after the other", async () => {
    const destinations = [...backup, { host: "last.mesh" }];
    await mesh({ app: ["gone"], backup: ["gone"], last: ["other"] }, { destinations });
    strictEqual((await call()).body, "other");
    await mesh({ app: [], backup: [], last: ["other"] }, { destinations });
    strictEqual((await call()).body, "other");
    await mesh({ app: ["main"], backup: ["other"], last: ["other"] }, { destinations });
    strictEqual((await call()).body, "main");
  });

  test("a destination that does not exist is passed over", async () => {
    await mesh(
      { app: [], backup: ["other"] },
      { destinations: [{ host: "nobody.mesh" }, { host: "backup.mesh", subset: "none" }, ...backup] },
    );
    strictEqual((await call()).body, "other");
  });

  test("a subset of the same host", async () => {
    const rule = {
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      metadata: { name: "app" },
      spec: {
        host: "app.mesh",
        subsets: [
          { name: "o", labels: { app: "other" } },
          { name: "g", labels: { app: "gone" } },
        ],
      },
    };
    const to = {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "a" },
      spec: {
        hosts: ["shop.test"],
        gateways: ["istio-system/front"],
        http: [{ route: [{ destination: { host: "app.mesh", subset: "g" } }] }],
      },
    };
    await mesh(
      { app: ["gone", "other"] },
      { subset: "g", destinations: [{ host: "app.mesh", subset: "o" }] },
      rule,
      to,
    );
    for (let i = 0; i < 10; i++) strictEqual((await call()).body, "other");
  });

  test("not while one endpoint is healthy", async () => {
    const rule = {
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      metadata: { name: "app" },
      spec: {
        host: "app.mesh",
        trafficPolicy: {
          outlierDetection: {
            consecutive5xxErrors: 1,
            interval: "0.05s",
            baseEjectionTime: "600s",
            maxEjectionPercent: 100,
          },
        },
      },
    };
    await mesh({ app: ["main", "broken"], backup: ["other"] }, { destinations: backup }, rule);
    while ((await call()).status !== 500);
    // Half of the endpoints are ejected. If three in ten requests went on to the backup, as Envoy would have it, none of 60 doing so had a chance of 6e-10.
    for (let i = 0; i < 60; i++) strictEqual((await call()).body, "main");
  });
});

describe("what an application answers", () => {
  test("is its answer", async () => {
    await mesh({ app: ["busy"], backup: ["other"] }, { destinations: backup, response: answer });
    const { status, body } = await call();
    deepStrictEqual([status, body], [503, "busy"]);
  });

  test("of an error counts as a failure for requests that may be sent twice", async () => {
    await mesh({ app: ["broken"], backup: ["other"] }, { destinations: backup, onServerError: "Idempotent" });
    for (const method of ["GET", "PUT", "DELETE", "OPTIONS"]) strictEqual((await call(method)).status, 200, method);
    for (const method of ["POST", "PATCH"]) strictEqual((await call(method)).status, 500, method);
    deepStrictEqual(
      asked.filter((a) => /POST|PATCH/.test(a)),
      ["broken POST", "broken PATCH"],
    );
  });

  test("of an error counts for all where that is said, and the body goes along", async () => {
    await mesh({ app: ["busy"], backup: ["other"] }, { destinations: backup, onServerError: "Always" });
    strictEqual((await call("POST", "money")).body, "other");
    deepStrictEqual(asked, ["busy POST money", "other POST money"]);
  });
});

describe("the response", () => {
  test("when nobody is there", async () => {
    for (const app of [[], ["gone"]]) {
      await mesh({ app, backup: ["gone"] }, { destinations: backup, response: answer });
      const { status, headers, body } = await call();
      deepStrictEqual(
        [status, headers["content-type"], headers["x-share"], body],
        [200, "application/json", "50%", "[]"],
      );
    }
  });

  test("alone, without destinations; an empty one with a status of its own", async () => {
    await mesh({ app: [] }, { response: { status: 404 } });
    const { status, body } = await call();
    deepStrictEqual([status, body], [404, ""]);
  });

  test("not to what is found", async () => {
    await mesh({ app: ["main"] }, { response: answer });
    deepStrictEqual((await call()).body, "main");
  });
});
