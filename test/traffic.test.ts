import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type Server } from "node:net";
import { afterAll, expect, test } from "vitest";
import type { Graph } from "../src/api/contract/graph.ts";
import type { Problem } from "../src/api/contract/problems.ts";
import type { Series } from "../src/api/contract/series.ts";
import { createApi } from "../src/api/create-api.ts";
import { calmMesh } from "../src/api/testdata/bookinfo.ts";
import { openStore } from "../src/store/store.ts";
import { httpFetch } from "../src/telemetry/http-fetch.ts";
import { Scraper, type Target } from "../src/telemetry/scraper.ts";
import { ask, clock, eventually, listen, log, startEnvoy, stopAll } from "../src/telemetry/testdata/processes.ts";

afterAll(stopAll);

test("traffic of real Envoys is on the graph that the console asks for, over the end of a pod too", {
  timeout: 60_000,
}, async () => {
  const application = await listen(
    createHttpServer((request, response) =>
      response.writeHead(Number(request.url?.slice(1))).end("x".repeat(1000)),
    ) as Server,
  );
  const echo = await listen(createServer((socket) => socket.on("error", () => {}).pipe(socket)));
  const server = await startEnvoy("destination", { http: application, tcp: echo });
  let client = await startEnvoy("source", server);
  let pod = "sleep-0";

  const store = openStore({ path: ":memory:", log });
  const fetch = httpFetch();
  const targets = (): Target[] => [
    { proxyId: pod, pod, namespace: "default", address: `127.0.0.1:${client.metrics}` },
    { proxyId: "s", pod: "httpbin-v1-0", namespace: "shop", address: `127.0.0.1:${server.metrics}` },
  ];
  const scraper = new Scraper({
    targets,
    fetch,
    clock,
    log,
    interval: 300,
    onLook: (at, covered, increments) => store.write(at, covered, increments),
  });
  const about = { ...calmMesh().about(), startedAt: Date.now() - 1000 };
  const state = calmMesh({ about: () => about, proxies: () => [], pods: () => [] });
  const api = createApi({ store, state, actions: {}, clock, consoleDir: "none", token: "t", secret: () => "s" });
  const port = await listen(createHttpServer(api.handle) as Server);
  const get = async <T>(path: string): Promise<T> =>
    JSON.parse((await ask(`http://127.0.0.1:${port}/api/v1/${path}`)).body) as T;

  await scraper.look();
  scraper.start();
  try {
    for (let i = 0; i < 15; i++) await ask(`http://127.0.0.1:${client.http}/200`);
    for (let i = 0; i < 5; i++) await ask(`http://127.0.0.1:${client.http}/503`);
    const lasting = connect(client.tcp, "127.0.0.1");
    lasting.on("error", () => {});
    lasting.write("hello");
    await once(lasting, "data");

    const ends = { source: "workload/default/sleep", target: "workload/shop/httpbin-v1" };
    const edgesOnce = (wanted: (graph: Graph) => boolean) =>
      eventually(async () => {
        const graph = await get<Graph>("graph?window=600");
        return wanted(graph) ? graph : undefined;
      });
    const graph = await edgesOnce(
      (g) => g.edges.some((e) => e.errorShare === 0.25 && e.p95 !== undefined) && g.edges.some((e) => e.open === 1),
    );
    const http = graph.edges.find((e) => e.protocol === "http");
    expect(http).toMatchObject({ ...ends, service: "httpbin.shop.svc.cluster.local", errorShare: 0.25, mtlsShare: 0 });
    expect(Number(http?.codes["200"]) / Number(http?.codes["503"])).toBeCloseTo(3);
    expect(http?.p50).toBeGreaterThan(0);
    expect(http?.bytesSentRate).toBeGreaterThan(0);
    expect(graph.edges.find((e) => e.protocol === "tcp")).toMatchObject({ ...ends, open: 1 });
    expect(graph.nodes.map((n) => [n.id, n.health])).toContainEqual([ends.target, "failing"]);
    const [problem] = await get<Problem[]>("problems");
    expect(problem?.sentence).toMatch(/^httpbin-v1 answers 503 to sleep/);
    const series = await get<Series>(`series?node=${ends.target}&metric=rate&step=5`);
    expect(series.points.some(([, value]) => value !== null && value > 0)).toBe(true);

    await client.kill();
    client = await startEnvoy("source", server);
    pod = "sleep-1";
    await ask(`http://127.0.0.1:${client.http}/200`);
    const after = await edgesOnce(
      (g) => g.edges.every((e) => e.open === undefined) && g.edges.some((e) => e.errorShare > 0 && e.errorShare < 0.25),
    );
    expect(after.edges.find((e) => e.protocol === "http")?.errorShare).toBeCloseTo(5 / 21);
  } finally {
    await scraper.stop();
    fetch.close();
    api.close();
    store.close();
  }
});
