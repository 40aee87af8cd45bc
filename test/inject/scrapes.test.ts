import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http, { type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { injectPod } from "../../src/inject/inject-pod.ts";
import { defaultSettings } from "../../src/inject/settings.ts";
import { empty } from "../../src/model/snapshot.ts";
import { ownAddress } from "../proxy/own-address.ts";
import { ask, freePort, newAuthority, Plane, Sidecar } from "./sidecar-bed.ts";

// A Pod's annotations for Prometheus go through injection, its bootstrap to a real Envoy, and a real Prometheus reads what they say.

const ip = ownAddress();
const soon = { timeout: 20_000, interval: 50 };
const folder = mkdtempSync(join(tmpdir(), "weft-scrapes-"));
let application: http.Server;
let plane: Plane;
let sidecar: Sidecar;
let annotations: Readonly<Record<string, string>>;
let target: string;
/** What the application was asked. */
const asked: { url: string; headers: IncomingHttpHeaders }[] = [];

const pages: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  "/metrics": { type: "text/plain; version=0.0.4", text: '# TYPE shop_orders counter\nshop_orders{who="a # {b"} 7' },
  '/open?of="x': {
    type: "application/openmetrics-text; version=1.0.0",
    text: '# TYPE shop_paid counter\nshop_paid_total{by="card"} 3 # {trace_id="4bf9"} 1 1700000000\n# EOF\n',
  },
  "/broken": { type: "text/html", text: "<h1>no</h1>" },
};

async function startApplication(port: number): Promise<void> {
  application = http.createServer((request, response) => {
    const { url = "", headers } = request;
    asked.push({ url, headers });
    const page = pages[url];
    if (page === undefined) return;
    response.writeHead(url === "/broken" ? 500 : 200, { "content-type": page.type }).end(page.text);
  });
  await once(application.listen(port, "127.0.0.1"), "listening");
}

beforeAll(async () => {
  await startApplication(0);
  const { port } = application.address() as AddressInfo;
  const paths = ["/never", "/metrics", '/open?of="x', "/broken"];
  const pod = {
    metadata: {
      ...{ name: "web-1", namespace: "shop" },
      annotations: {
        "prometheus.io/scrape": "true",
        "prometheus.istio.io/scrape-targets": paths.map((path) => `${port}:${path}`).join(","),
      },
    },
    spec: { containers: [{ name: "web", image: "web:1" }] },
  };
  const context = { settings: defaultSettings, snapshot: empty, revision: "default", installNamespace: "istio-system" };
  const injected = injectPod(pod, { namespace: "shop", drainKey: "test" }, context);
  if (!("pod" in injected)) throw new Error(JSON.stringify(injected));
  annotations = injected.pod.metadata?.annotations ?? {};
  target = `${ip}:${annotations["prometheus.io/port"]}`;
  const authority = await newAuthority();
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
  application?.closeAllConnections();
  application?.close();
  rmSync(folder, { recursive: true, force: true });
});

const page = (headers: Readonly<Record<string, string>> = {}) =>
  ask(ip, Number(annotations["prometheus.io/port"]), annotations["prometheus.io/path"] ?? "", {
    "x-prometheus-scrape-timeout-seconds": "10",
    ...headers,
  });

test("the proxy's own metrics and each of the application's pages, whatever the others do", async () => {
  const accept = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6";
  const { status, body, headers } = await page({ accept });
  expect([status, headers["content-type"]]).toEqual([200, "text/plain; charset=UTF-8"]);
  expect(sidecar.said).toBe("");
  const lines = body.split("\n");
  expect(lines.filter((line) => /^(envoy_server_live|shop_)/.test(line))).toEqual([
    "envoy_server_live{} 1",
    'shop_orders{who="a # {b"} 7',
    'shop_paid_total{by="card"} 3',
  ]);
  expect(body).not.toMatch(/EOF|<h1>|trace_id/);
  const { port } = application.address() as AddressInfo;
  const up = lines.filter((line) => line.startsWith("weft_application_scrape_up"));
  expect(up).toEqual([
    `weft_application_scrape_up{port="${port}",path="/never"} 0`,
    `weft_application_scrape_up{port="${port}",path="/metrics"} 1`,
    `weft_application_scrape_up{port="${port}",path="/open?of=\\"x"} 1`,
    `weft_application_scrape_up{port="${port}",path="/broken"} 0`,
  ]);
  expect((await ask(ip, 15090, "/stats/prometheus", { accept })).body).toContain("envoy_server_live{} 1");
  expect(asked[0]).toMatchObject({ url: "/never", headers: { host: `localhost:${port}` } });
  expect(asked[0]?.headers.accept).toMatch(/^text\/plain/);
});

test("nothing but a page of metrics is answered there", async () => {
  expect((await ask(ip, 15020, "/stats")).status).toBe(404);
  expect((await ask(ip, 15020, "/stats/prometheus/../../quitquitquit")).status).toBe(404);
});

test("Prometheus, by the Pod's annotations alone; the proxy's go on when the application is gone", async () => {
  const port = await freePort("127.0.0.1");
  const config = {
    scrape_configs: [
      {
        ...{ job_name: "pods", scrape_interval: "3s", scrape_timeout: "3s" },
        scheme: annotations["prometheus.io/scheme"] ?? "http",
        metrics_path: annotations["prometheus.io/path"],
        static_configs: [{ targets: [target] }],
      },
    ],
  };
  writeFileSync(join(folder, "prometheus.yml"), JSON.stringify(config));
  const options = [`--config.file=${join(folder, "prometheus.yml")}`, `--storage.tsdb.path=${join(folder, "tsdb")}`];
  const prometheus = spawn("prometheus", [...options, `--web.listen-address=127.0.0.1:${port}`], { stdio: "ignore" });
  try {
    const query = async (expr: string) => {
      const { body } = await ask("127.0.0.1", port, `/api/v1/query?query=${encodeURIComponent(expr)}`);
      const { data } = JSON.parse(body) as { data: { result: readonly { value: readonly [number, string] }[] } };
      return data.result.map(({ value }) => Number(value[1]));
    };
    const answers = (expr: string, values: readonly number[]) =>
      vi.waitFor(async () => expect([expr, await query(expr)]).toEqual([expr, values]), soon);
    await answers('shop_orders{job="pods"}', [7]);
    await answers('shop_paid_total{job="pods"}', [3]);
    await answers('envoy_server_live{job="pods"}', [1]);
    const at = (application.address() as AddressInfo).port;
    application.closeAllConnections();
    application.close();
    await answers('sum(weft_application_scrape_up{job="pods"})', [0]);
    await answers('shop_orders{job="pods"}', []);
    await answers('envoy_server_live{job="pods"} * on(instance) up', [1]);
    await startApplication(at);
    await answers('shop_orders{job="pods"}', [7]);
  } finally {
    prometheus.kill("SIGKILL");
    await once(prometheus, "exit");
  }
}, 60_000);
