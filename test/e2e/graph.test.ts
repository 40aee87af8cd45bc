import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Graph, GraphEdge } from "../../src/api/contract/graph.ts";
import { builtConsole } from "../console/built-console.ts";
import { launch } from "../console/open-page.ts";
import { openPage } from "../console/served-mesh.ts";
import { ask, until } from "./ask.ts";
import { finds, foundOn, looksWell, pages } from "./console-walk.ts";
import { Product, type Running, sample } from "./product.ts";

const product = new Product({ port: 29_440 });
const prometheusPort = 29_449;
const url = `http://127.0.0.1:${prometheusPort}/api/v1/query`;
let traffic: Running;
let stop: () => Promise<void>;

/** Half of what reviews asks of ratings is refused by reviews' own proxy. */
const fault = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ratings-fault, namespace: default }
spec:
  hosts: [ratings]
  http:
    - fault: { abort: { percentage: { value: 50 }, httpStatus: 500 } }
      route: [{ destination: { host: ratings } }]
`;

beforeAll(async () => {
  product.write("mesh/fault.yaml", fault);
  await product.up([sample, join(product.dir, "mesh")]);
  stop = startPrometheus();
  traffic = product.start(["load", product.page, "--rate", "20", "--quiet"]);
}, 240_000);
afterAll(async () => {
  traffic?.child.kill("SIGINT");
  await traffic?.ended;
  await stop?.();
  await product.close();
}, 60_000);

function startPrometheus(): () => Promise<void> {
  const config = product.write(
    "prometheus.yml",
    `global: { scrape_interval: 500ms }
scrape_configs:
  - job_name: weft
    static_configs: [{ targets: ["127.0.0.1:${product.ports.console}"] }]
`,
  );
  const flags = [`--config.file=${config}`, `--storage.tsdb.path=${product.dir}/prometheus`];
  const child = spawn("prometheus", [...flags, `--web.listen-address=127.0.0.1:${prometheusPort}`], {
    stdio: "ignore",
  });
  const gone = new Promise<void>((resolve) => child.on("close", () => resolve()));
  return async () => {
    child.kill("SIGTERM");
    await gone;
  };
}

async function query(text: string): Promise<number> {
  const { status, body } = await ask(`${url}?query=${encodeURIComponent(text)}`);
  if (status !== 200) throw new Error(`${text}: ${status} ${body}`);
  const { data } = JSON.parse(body) as { data: { result: { value: [number, string] }[] } };
  return Number(data.result[0]?.value[1] ?? 0);
}

const text = async (window: number) => {
  const { edges } = await product.api<Graph>(`graph?window=${window}`);
  return JSON.stringify(edges.map((e) => [e.id, e.rate]));
};

/** The moment of a look at the proxies, once Prometheus has seen what it saw too: until the next one, both know the same. */
async function afterLook(): Promise<{ readonly look: number; readonly at: number }> {
  const before = await text(60);
  let look = 0;
  await until("the proxies were looked at again", async () => {
    look = Date.now();
    return (await text(60)) !== before;
  });
  await until(
    "Prometheus has seen it",
    async () => (await query("max(timestamp(weft_proxy_scrape_up))")) * 1000 > look + 200,
  );
  return { look, at: Date.now() };
}

const labels = (from: string, to: string) => `source_workload="${from}",destination_workload="${to}"`;

it("shows the numbers that Prometheus has for the same time, within 2 %", { timeout: 300_000 }, async () => {
  await until("everybody is called", async () => {
    const { edges } = await product.api<Graph>("graph?window=60");
    return edges.filter((e) => e.rate > 0).length >= 8;
  });
  const first = await afterLook();
  let last = first;
  while (last.look - first.look < 30_000) last = await afterLook();
  const window = (last.at - first.at) / 1000;
  const { edges } = await product.api<Graph>(`graph?at=${last.at}&window=${window}`);
  const seconds = (last.look - first.look) / 1000;
  const grown = (series: string) => `(${series} @ ${last.at / 1000} - ${series} @ ${first.at / 1000})`;
  const between = (from: string, to: string): GraphEdge => {
    const found = edges.find((e) => e.source.endsWith(`/${from}`) && e.target.endsWith(`/${to}`));
    if (!found) throw new Error(`no edge from ${from} to ${to}`);
    return found;
  };
  const off = (ours: number | undefined, theirs: number) => Math.abs((ours ?? 0) - theirs) / theirs;
  for (const [from, to] of [
    ["istio-ingressgateway", "productpage-v1"],
    ["productpage-v1", "details-v1"],
    ["productpage-v1", "reviews-v1"],
    ["productpage-v1", "reviews-v2"],
  ] as const) {
    const edge = between(from, to);
    const served = `{reporter="destination",${labels(from, to)}`;
    const count = await query(`sum(${grown(`istio_requests_total${served}}`)})`);
    expect(off(edge.rate, count / seconds), `rate from ${from} to ${to}`).toBeLessThan(0.02);
    for (const q of [0.5, 0.95] as const) {
      const buckets = grown(`istio_request_duration_milliseconds_bucket${served}}`);
      const theirs = await query(`histogram_quantile(${q}, sum by (le) (${buckets}))`);
      expect(off(q === 0.5 ? edge.p50 : edge.p95, theirs), `p${q * 100} from ${from} to ${to}`).toBeLessThan(0.02);
    }
    const bytes = await query(`sum(${grown(`istio_response_bytes_sum${served}}`)})`);
    expect(off(edge.bytesSentRate, bytes / seconds), `bytes from ${from} to ${to}`).toBeLessThan(0.02);
  }
});

it("counts what a client's proxy refused, as Prometheus does by the client's reports", {
  timeout: 180_000,
}, async () => {
  const first = await afterLook();
  let last = first;
  while (last.look - first.look < 15_000) last = await afterLook();
  const window = (last.at - first.at) / 1000;
  const { edges, nodes } = await product.api<Graph>(`graph?at=${last.at}&window=${window}&type=app`);
  const found = edges.filter((e) => e.source === "app/default/reviews" && e.flags["FI"]);
  const aborted = found.reduce((n, e) => n + (e.flags["FI"] ?? 0), 0);
  const series = 'istio_requests_total{reporter="source",source_app="reviews",response_flags="FI"}';
  const seconds = (last.look - first.look) / 1000;
  const theirs = (await query(`sum(${series} @ ${last.at / 1000} - ${series} @ ${first.at / 1000})`)) / seconds;
  expect(Math.abs(aborted - theirs) / theirs).toBeLessThan(0.02);
  expect(nodes.find((n) => n.id === "app/default/ratings")?.traits).toEqual(
    expect.arrayContaining(["faultInjection", "requestRouting", "virtualService"]),
  );
});

it("has the four types, and its past", { timeout: 120_000 }, async () => {
  const ids = async (more: string) => (await product.api<Graph>(`graph?window=60&${more}`)).nodes.map((n) => n.id);
  expect(await ids("type=app")).toContain("app/default/reviews");
  expect(await ids("type=versioned")).toContain("app/default/reviews/v2");
  expect(await ids("type=service")).toContain("service/default/reviews.default.svc.cluster.local");
  expect(await ids("services=true")).toEqual(
    expect.arrayContaining(["service/default/reviews.default.svc.cluster.local", "workload/default/reviews-v2"]),
  );
  const at = Date.now() - 20_000;
  const [then, again] = await Promise.all([1, 2].map(() => product.api<Graph>(`graph?window=10&at=${at}`)));
  expect(then?.edges.length).toBeGreaterThan(5);
  expect(again?.edges).toEqual(then?.edges);
  expect(await product.weft("graph", "--type", "app")).toMatch(/productpage\.default +reviews\.default +http/);
});

it.each(finds)("finds the same as Kiali: %s", { timeout: 60_000 }, async (expression, found) => {
  await until("it is found", async () => {
    const graph = await product.api<Graph>("graph?window=300");
    return foundOn(graph, expression).join() === found.join();
  });
});

it("shows what the mesh does on every page of the console, without complaint, in light and in dark", {
  timeout: 600_000,
}, async () => {
  await builtConsole();
  const browser = await launch();
  try {
    const { page, complaints } = await openPage(browser, product, "/traffic?find=app%20%3D%20reviews");
    await page.getByText("3 found").waitFor();
    const from = Date.now() - 30_000;
    await page.goto(`http://localhost:${product.ports.console}/traffic?moment=${from}&window=60`);
    await page.getByRole("option", { name: /^reviews, v2/ }).waitFor({ state: "attached" });
    for (const [path, words] of pages)
      await looksWell(page, `http://localhost:${product.ports.console}${path}`, words, complaints);
  } finally {
    await browser.close();
  }
});
