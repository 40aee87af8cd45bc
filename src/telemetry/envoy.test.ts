import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, get } from "node:http";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Increment } from "../model/sample.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { controlPlaneMetrics } from "./control-plane.ts";
import { httpFetch } from "./http-fetch.ts";
import { metricsPage } from "./metrics-page.ts";
import { Scraper } from "./scraper.ts";
import { sidecar } from "./testdata/envoy-pair.ts";

const envoyPath = process.env["WEFT_ENVOY"] ?? resolve(process.env["WEFT_CACHE"] ?? ".cache", "envoy/1.40.0/envoy");
const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, with: () => log };
const clock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

const children: ChildProcess[] = [];
const servers: Server[] = [];
let dir: string;

async function listen(server: Server): Promise<number> {
  servers.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function ask(url: string): Promise<{ status: number; body: string }> {
  return new Promise((done, failed) => {
    get(url, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => done({ status: response.statusCode ?? 0, body }));
    }).on("error", failed);
  });
}

/** Asks until the answer is one; the test's own timeout ends it. */
async function eventually<T>(question: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const gone = children.find((child) => child.exitCode !== null);
    if (gone) throw new Error(`${gone.spawnfile} ended with code ${gone.exitCode}`);
    const answer = await question().catch(() => undefined);
    if (answer !== undefined) return answer;
    await new Promise((next) => setTimeout(next, 50));
  }
}

async function startEnvoy(reporter: "source" | "destination", upstream: { http: number; tcp: number }) {
  const admin = await freePort();
  const file = join(dir, `${reporter}.json`);
  writeFileSync(file, JSON.stringify(sidecar(reporter, admin, upstream)));
  const args = ["-c", file, "--disable-hot-restart", "--concurrency", "1", "-l", "error"];
  children.push(spawn(envoyPath, args, { stdio: "ignore" }));
  return eventually(async () => {
    const { body } = await ask(`http://127.0.0.1:${admin}/listeners?format=json`);
    const found = (
      JSON.parse(body) as {
        listener_statuses: { name: string; local_address: { socket_address: { port_value: number } } }[];
      }
    ).listener_statuses;
    const port = (name: string) => found.find((l) => l.name === name)?.local_address.socket_address.port_value ?? 0;
    return found.length === 3 ? { http: port("http"), tcp: port("tcp"), metrics: port("metrics") } : undefined;
  });
}

beforeAll(() => {
  if (!existsSync(envoyPath)) throw new Error(`no Envoy at ${envoyPath}; run npm start once, or set WEFT_ENVOY`);
  dir = mkdtempSync(join(tmpdir(), "weft-telemetry-"));
});

afterAll(async () => {
  for (const child of children) {
    const gone = once(child, "exit");
    if (child.exitCode === null && child.kill("SIGKILL")) await gone;
  }
  for (const server of servers) server.close();
  rmSync(dir, { recursive: true, force: true });
});

test("a real pair of Envoys, scraped, merged, and read by a real Prometheus", { timeout: 60_000 }, async () => {
  const application = await listen(
    createHttpServer((request, response) =>
      response.writeHead(Number(request.url?.slice(1))).end("x".repeat(1000)),
    ) as Server,
  );
  const echo = await listen(createServer((socket) => socket.on("error", () => {}).pipe(socket)));
  const server = await startEnvoy("destination", { http: application, tcp: echo });
  const client = await startEnvoy("source", server);

  const grown = new Map<string, number>();
  const gained = (increment: Increment) => {
    const { reporter, response_code } = increment.labels;
    const key = `${increment.name} ${reporter} ${response_code ?? ""}`.trim();
    grown.set(key, (grown.get(key) ?? 0) + increment.value);
  };
  const fetch = httpFetch();
  const targets = [
    { proxyId: "c", pod: "sleep-0", namespace: "default", address: `127.0.0.1:${client.metrics}` },
    { proxyId: "s", pod: "httpbin-v1-0", namespace: "shop", address: `127.0.0.1:${server.metrics}` },
  ];
  const onLook = (_at: number, _covered: number, found: readonly Increment[]) => found.forEach(gained);
  const scraper = new Scraper({ targets: () => targets, fetch, clock, log, onLook, interval: 300 });
  await scraper.look();
  scraper.start();

  for (let i = 0; i < 12; i++) await ask(`http://127.0.0.1:${client.http}/200`);
  for (let i = 0; i < 3; i++) await ask(`http://127.0.0.1:${client.http}/503`);
  const socket = connect(client.tcp, "127.0.0.1");
  socket.write("hello");
  expect(String((await once(socket, "data"))[0])).toBe("hello");
  socket.destroy();

  const expected = {
    "istio_requests_total source 200": 12,
    "istio_requests_total destination 200": 12,
    "istio_requests_total source 503": 3,
    "istio_requests_total destination 503": 3,
    "istio_request_duration_milliseconds destination 200": 12,
    "istio_response_bytes source 503": 3,
    "istio_tcp_connections_opened_total source": 1,
    "istio_tcp_connections_closed_total destination": 1,
    "istio_tcp_sent_bytes_total source": 5,
    "istio_tcp_received_bytes_total destination": 5,
  };
  const seen = () => Object.fromEntries(Object.keys(expected).map((key) => [key, grown.get(key)]));
  await eventually(async () => (JSON.stringify(seen()) === JSON.stringify(expected) ? true : undefined));

  const own = controlPlaneMetrics({
    version: "test",
    connectedProxies: () => 2,
    services: () => 1,
    virtualServices: () => 0,
  });
  own.pushed("cds");
  own.converged(0.02);
  const page = metricsPage(own.registry, () => scraper.answers());
  const port = await listen(createHttpServer((request, response) => void page(request, response)) as Server);
  const text = (await ask(`http://127.0.0.1:${port}/metrics`)).body;
  const typeLines = text.split("\n").filter((line) => line.startsWith("# TYPE"));
  expect(new Set(typeLines).size).toBe(typeLines.length);
  expect(text).toContain('pod="httpbin-v1-0",namespace="shop",reporter="destination"');
  expect(text).toContain('grpc_response_status="unknown"');
  expect(text).not.toContain('=""');
  expect(text).not.toContain("envoy_istio");

  const prometheus = await startPrometheus(port);
  const keepBusy = setInterval(() => void ask(`http://127.0.0.1:${client.http}/200`).catch(() => {}), 50);
  try {
    const rates = await eventually(() =>
      query(
        prometheus,
        'sum by (destination_workload, pod) (rate(istio_requests_total{reporter="destination"}[10s])) > 0',
      ),
    );
    expect(rates[0]?.metric).toEqual({ destination_workload: "httpbin-v1", pod: "httpbin-v1-0" });
    const p95 = await eventually(() =>
      query(
        prometheus,
        "histogram_quantile(0.95, sum by (le) (rate(istio_request_duration_milliseconds_bucket[10s]))) > 0",
      ),
    );
    expect(Number(p95[0]?.value[1])).toBeGreaterThan(0);
    const codes = await eventually(() =>
      query(prometheus, 'sum by (reporter) (istio_requests_total{response_code="503"}) == 3'),
    );
    expect(codes.map((r) => r.metric["reporter"]).sort()).toEqual(["destination", "source"]);
    const pushes = await eventually(() => query(prometheus, 'pilot_xds_pushes{type="cds"} == 1'));
    expect(pushes).toHaveLength(1);
    const bad = await query(prometheus, "scrape_samples_scraped < 100 or up == 0");
    expect(bad).toBeUndefined();
  } finally {
    clearInterval(keepBusy);
    await scraper.stop();
    fetch.close();
  }
});

interface Row {
  metric: Record<string, string>;
  value: [number, string];
}

/** An instant query's rows; undefined while there are none. */
async function query(port: number, promql: string): Promise<Row[] | undefined> {
  const { body } = await ask(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(promql)}`);
  const answer = JSON.parse(body) as { status: string; data: { result: Row[] } };
  return answer.status === "success" && answer.data.result.length > 0 ? answer.data.result : undefined;
}

async function startPrometheus(target: number): Promise<number> {
  const port = await freePort();
  const file = join(dir, "prometheus.yml");
  const scrape = { job_name: "weft", scrape_interval: "1s", static_configs: [{ targets: [`127.0.0.1:${target}`] }] };
  writeFileSync(file, JSON.stringify({ scrape_configs: [{ ...scrape, honor_labels: true }] }));
  const args = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(dir, "tsdb")}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  children.push(spawn("prometheus", args, { stdio: "ignore" }));
  await eventually(async () => ((await ask(`http://127.0.0.1:${port}/-/ready`)).status === 200 ? true : undefined));
  return port;
}
