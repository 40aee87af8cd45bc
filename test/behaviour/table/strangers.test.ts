import { deepStrictEqual } from "node:assert";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, test } from "vitest";
import { ExpositionParser } from "../../../src/telemetry/parser.ts";
import type { KubeObject } from "./format.ts";
import type { Order } from "./mesh/wire.ts";
import { TableMesh } from "./mesh.ts";

// What the client's telemetry calls those whom no service names.

let mesh: TableMesh;
let outside: string;

beforeAll(async () => {
  mesh = await TableMesh.start();
  outside = await mesh.ofWorkload("default/outside");
  // On ports of services alone it is looked what comes.
  const spec = {
    ...{ hosts: ["known.example.com"], location: "MESH_EXTERNAL", resolution: "NONE" },
    ports: [
      { number: 8080, name: "http", protocol: "HTTP" },
      { number: 9443, name: "tls", protocol: "TLS" },
    ],
  };
  const apiVersion = "networking.istio.io/v1";
  await mesh.change([], [{ apiVersion, kind: "ServiceEntry", metadata: { name: "known" }, spec } as KubeObject]);
});
afterAll(() => mesh?.stop());

/** By `METRIC/destination_service_name`: who the client's proxy says it called there. */
async function called(): Promise<Map<string, Set<string>>> {
  const parser = new ExpositionParser();
  parser.push(await mesh.metrics());
  const found = new Map<string, Set<string>>();
  for (const { name, series } of parser.finish().exposition.values())
    for (const { labels } of series.values()) {
      const { reporter, source_workload: by, destination_service_name: at, destination_service: who = "" } = labels;
      // Histograms are not by service name.
      if (reporter !== "source" || by !== "client" || at === undefined) continue;
      found.set(`${name}/${at}`, (found.get(`${name}/${at}`) ?? new Set()).add(who));
    }
  return found;
}

/** Metrics come by a proxy's flush and the control plane's look: until they do, or for so long that they never will. */
async function isCalled(metric: string, at: string, who: readonly string[]): Promise<void> {
  const end = performance.now() + 30_000;
  for (;;) {
    const found = await called();
    const names = found.get(`${metric}/${at}`) ?? new Set();
    if (who.every((name) => names.has(name))) return;
    if (performance.now() > end) deepStrictEqual([...found], `${metric}/${at}: ${who}`);
    await pause(200);
  }
}

async function call(url: string, port: number, headers: Order["headers"] = {}, sni?: string) {
  const order: Order = {
    ...{ url, method: "GET", headers, timeout: 20_000, messages: 1, keep: false },
    ...(url.startsWith("tcp:") ? { body: "hello" } : {}),
    ...{ connect: { host: outside, port }, ...(sni === undefined ? {} : { sni }) },
  };
  const [{ status, report, error } = {}] = await mesh.call("client", order, 1, 1);
  return { status, by: report?.workload, error };
}

const passed = { status: 200, by: "default/outside", error: undefined };

describe("where all may be called", () => {
  test("requests are named by their Host, as it is written, without its port", async () => {
    deepStrictEqual(await call("http://pass.example.com:8080/", 8080), passed);
    deepStrictEqual(await call("http://Capital.Example.com/", 8080), passed);
    deepStrictEqual(await call("http://[2001:db8::1]:8080/", 8080), passed);
    const names = ["pass.example.com", "Capital.Example.com", "[2001:db8::1]"];
    await isCalled("istio_requests_total", "PassthroughCluster", names);
  });
  test("TLS by its server name where a port has services that are told apart by it", async () => {
    deepStrictEqual(await call("https://sni.example.com/", 9443), passed);
    await isCalled("istio_tcp_connections_opened_total", "PassthroughCluster", ["sni.example.com"]);
    await isCalled("istio_tcp_sent_bytes_total", "PassthroughCluster", ["sni.example.com"]);
  });
  test("other bytes by their address", async () => {
    deepStrictEqual((await call("tcp://bytes.example.com", 9000)).by, "default/outside");
    await isCalled("istio_tcp_connections_opened_total", "PassthroughCluster", [outside]);
  });
});

describe("where the proxy resolves names", () => {
  beforeAll(() => mesh.change([], [], { outboundTrafficPolicy: { mode: "ALLOW_ANY_DYNAMIC_DNS" } }));
  test("requests are named by their Host, even those whose name does not exist", async () => {
    deepStrictEqual((await call("http://nobody.invalid:8080/", 8080)).status, 503);
    await isCalled("istio_requests_total", "AllowAnyDynamicDNSCluster", ["nobody.invalid"]);
  });
});

describe("where only the mesh may be called", () => {
  beforeAll(() => mesh.change([], [], { outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } }));
  test("refused requests are named by their Host", async () => {
    deepStrictEqual((await call("http://refused.example.com:8080/", 8080)).status, 502);
    await isCalled("istio_requests_total", "BlackHoleCluster", ["refused.example.com"]);
  });
  test("refused connections by their server name or address", async () => {
    deepStrictEqual((await call("https://closed.example.com/", 9443)).status, undefined);
    deepStrictEqual((await call("tcp://bytes.example.com", 9000)).by, undefined);
    await isCalled("istio_tcp_connections_closed_total", "BlackHoleCluster", ["closed.example.com", outside]);
  });
  test("known hosts keep their names", async () => {
    deepStrictEqual(await call("http://known.example.com:8080/", 8080), passed);
    await isCalled("istio_requests_total", "known", ["known.example.com"]);
  });
  test("no request to a service is named by its Host", async () => {
    const found = [...(await called())].filter(([at]) => !/Cluster$/.test(at)).flatMap(([, names]) => [...names]);
    deepStrictEqual(
      found.filter((name) => !/\.svc\.cluster\.local$|^known\.example\.com$|^unknown$/.test(name)),
      [],
    );
  });
});
