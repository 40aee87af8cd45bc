import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Graph } from "../../src/api/contract/graph.ts";
import type { Workload } from "../../src/api/contract/workloads.ts";
import { builtConsole } from "../console/built-console.ts";
import { launch, standing } from "../console/open-page.ts";
import { ask, until } from "./ask.ts";
import { Product, type Running, sample } from "./product.ts";

const product = new Product({ port: 29_170 });
const prometheusPort = 29_179;
let traffic: Running;

beforeAll(async () => {
  await builtConsole();
  product.write("mesh/edited.yaml", "# edited by a test\n");
  await product.up([sample, join(product.dir, "mesh")]);
  traffic = product.start(["load", product.page, "--rate", "20", "--quiet"]);
}, 240_000);
afterAll(async () => {
  traffic?.child.kill("SIGINT");
  await traffic?.ended;
  await product.close();
}, 60_000);

describe("the command line", () => {
  it("status says that all is well", async () => {
    await until("traffic is seen", async () => {
      const all = await product.api<readonly Workload[]>("workloads");
      return all.filter((w) => w.kind === "sidecar").every((w) => w.inbound.rate > 0);
    });
    const said = await product.weft("status");
    expect(said).toContain("7 of 7 in sync");
    for (const name of ["details-v1", "productpage-v1", "ratings-v1", "reviews-v1", "reviews-v2", "reviews-v3"])
      expect(said).toMatch(new RegExp(`default +${name} +sidecar +1/1 +healthy`));
    expect(said).toMatch(/istio-system +istio-ingressgateway +gateway +1\/1 +healthy/);
  });

  it("proxy-status says what each proxy has", async () => {
    const lines = (await product.weft("proxy-status")).trim().split("\n");
    expect(lines).toHaveLength(8);
    for (const line of lines.slice(1)) expect(line).not.toMatch(/STALE|ERROR/);
    expect(lines.filter((line) => line.split("SYNCED").length >= 6)).toHaveLength(7);
  });

  it.each([
    ["cluster", "reviews.default.svc.cluster.local", /destination-rules\.yaml:\d+:\d+/],
    ["listener", "15006", /virtualInbound|Port: 9080/],
    ["route", "9080|reviews.default.svc.cluster.local", /./],
    ["endpoint", "outbound|9080||reviews.default.svc.cluster.local", /HEALTHY/],
    ["secret", "ROOTCA", /Cert Chain/],
    ["bootstrap", "", /sidecar~10\./],
  ])("proxy-config %s", async (type, words, pattern) => {
    const said = await product.weft("proxy-config", type, "productpage-v1");
    expect(said).toContain(words);
    expect(said).toMatch(pattern);
    expect(() => JSON.parse(type === "bootstrap" ? said : "null")).not.toThrow();
    const json = await product.weft("proxy-config", type, "productpage-v1", "-o", "json");
    expect(() => JSON.parse(json) as unknown).not.toThrow();
    expect(json).not.toContain("PRIVATE KEY");
  });

  it("get lists and shows objects", async () => {
    expect(await product.weft("get", "vs")).toMatch(/default +VirtualService +bookinfo +√ +1\/1/);
    const yaml = await product.weft("get", "dr", "reviews", "-o", "yaml");
    expect(yaml).toContain("kind: DestinationRule");
    expect((await product.run(["get", "vs", "nothing"])).status).toBe(4);
  });

  it("logs prints what applications and proxies wrote", async () => {
    expect(await product.weft("logs", "productpage-v1", "--tail", "3")).toMatch(/GET \/productpage 200/);
    expect(await product.weft("logs", "reviews", "--tail", "2")).toMatch(/^reviews-v3-\S+ +\| GET \/reviews\/0 200/m);
    expect((await product.run(["logs", "productpage-v1", "-c", "proxy"])).status).toBe(0);
  });

  it("load counts answers", async () => {
    const said = await product.run(["load", product.page, "--rate", "10", "--duration", "2s", "-o", "json"]);
    expect(said.status).toBe(0);
    expect(JSON.parse(said.stdout)).toMatchObject({ kind: "LoadReport" });
    expect((await product.run(["load", "--rate", "5", "--duration", "1s", "-q"])).stdout).toContain("100% ok");
  });

  it("analyze finds nothing, version tells all three", async () => {
    expect((await product.run(["analyze"])).status).toBe(0);
    expect(await product.weft("version")).toMatch(/data plane version: 1\.40\.0 \(7 proxies\)/);
  });
});

it("Prometheus scrapes the control plane and knows the traffic of the sample", { timeout: 180_000 }, async () => {
  const config = product.write(
    "prometheus.yml",
    `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: weft
    static_configs: [{ targets: ["127.0.0.1:${product.ports.console}"] }]
`,
  );
  const flags = [`--config.file=${config}`, `--storage.tsdb.path=${product.dir}/prometheus`];
  const prometheus = spawn("prometheus", [...flags, `--web.listen-address=127.0.0.1:${prometheusPort}`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let words = "";
  prometheus.stderr.on("data", (text: Buffer) => {
    words += String(text);
  });
  const gone = new Promise<void>((resolve) => prometheus.on("close", () => resolve()));
  try {
    const query = 'sum(rate(istio_requests_total{reporter="destination"}[1m])) by (destination_workload)';
    const url = `http://127.0.0.1:${prometheusPort}/api/v1/query?query=${encodeURIComponent(query)}`;
    interface Result {
      readonly data: { readonly result: { metric: { destination_workload: string }; value: [number, string] }[] };
    }
    let rates: Record<string, number> = {};
    const workloads = ["details-v1", "productpage-v1", "ratings-v1", "reviews-v1", "reviews-v2", "reviews-v3"];
    await until(
      "it knows a rate for every workload",
      async () => {
        const answer = await ask(url).catch(() => undefined);
        if (answer?.status !== 200) return false;
        const { data } = JSON.parse(answer.body) as Result;
        rates = Object.fromEntries(data.result.map((r) => [r.metric.destination_workload, Number(r.value[1])]));
        return workloads.every((name) => (rates[name] ?? 0) > 0.5);
      },
      () => `${JSON.stringify(rates)}\n${words}`,
    );
    // Three versions share what the product page asks of reviews.
    expect(rates["productpage-v1"]).toBeGreaterThan(rates["reviews-v1"] as number);
    expect(words).not.toMatch(/level=(warn|error).*(duplicate|invalid|parse)/i);
    const targets = await ask(`http://127.0.0.1:${prometheusPort}/api/v1/targets`);
    expect(targets.body).toContain('"health":"up"');
  } finally {
    prometheus.kill("SIGTERM");
    await gone;
  }
});

describe("the console", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  }, 60_000);
  afterAll(() => browser?.close());

  it("shows the sample's traffic, its workloads in sync, and what is wrong after a bad save", {
    timeout: 240_000,
  }, async () => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(60_000);
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    const at = `http://127.0.0.1:${product.ports.console}`;
    await until("the graph has all edges", async () => {
      const { edges } = await product.api<Graph>("graph?window=60");
      return edges.filter((e) => e.rate > 0 && e.mtlsShare === 1).length >= 7;
    });
    await page.goto(`${at}/`);
    await standing(page);
    for (const name of [
      /^productpage, v1, healthy/,
      /^details, v1, healthy/,
      /^ratings, v1, healthy/,
      /^reviews, v[1-3], healthy/,
    ])
      await page.getByRole("option", { name }).first().waitFor({ state: "attached" });
    expect(await page.getByRole("option", { name: /^reviews, v[123], healthy/ }).count()).toBe(3);
    await page.getByRole("status", { name: "Mesh" }).getByText("All 7 proxies in sync").waitFor();
    if (process.env["WEFT_SCREENSHOTS"])
      await page.screenshot({ path: join(process.env["WEFT_SCREENSHOTS"], "e2e.png") });

    await page.goto(`${at}/workloads`);
    const rows = page.locator("tbody tr[data-key]");
    await rows.filter({ hasText: "reviews-v3" }).first().waitFor();
    expect(await rows.count()).toBe(7);
    await until("all rows say synced", async () => (await rows.filter({ hasText: /synced/i }).count()) === 7);

    product.write(
      "mesh/edited.yaml",
      "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: bad}\nspec: {hosts: [reviews], http: [{timeout: soon, route: [{destination: {host: reviews}}]}]}\n",
    );
    try {
      await page.goto(`${at}/config?view=findings`);
      const finding = rows.filter({ hasText: "edited.yaml:4" }).filter({ hasText: "duration" });
      await finding.first().waitFor();
    } finally {
      product.write("mesh/edited.yaml", "# nothing\n");
    }
    expect(complaints).toEqual([]);
    await page.close();
  });
});
