import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type Server } from "node:net";
import { afterAll, expect, test } from "vitest";
import type { Increment } from "../model/sample.ts";
import { controlPlaneMetrics } from "./control-plane.ts";
import { httpFetch } from "./http-fetch.ts";
import { metricsPage } from "./metrics-page.ts";
import { Scraper } from "./scraper.ts";
import { ask, clock, eventually, listen, log, startEnvoy, startPrometheus, stopAll } from "./testdata/processes.ts";

afterAll(stopAll);

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
