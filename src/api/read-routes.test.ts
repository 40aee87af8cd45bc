import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { labels, object, requests, snapshotOf } from "./testdata/bookinfo.ts";
import { advance, ask, faults, listeners, now, port, start, store } from "./testdata/served.ts";

describe("the console's contract", () => {
  test("every path answers", async () => {
    const reviews = object("VirtualService", "reviews", { hosts: ["reviews"] });
    await start({}, { snapshot: () => snapshotOf(reviews) });
    expect((await ask("/api/v1/mesh")).json).toMatchObject({
      name: "bookinfo",
      health: "healthy",
      proxies: { total: 3, synced: 3 },
    });
    const graph = (await ask("/api/v1/graph?namespaces=default&window=60")).json;
    expect(graph).toMatchObject({ at: now, window: 60, edges: [{ rate: 10, mtlsShare: 1, p50: 3 }] });
    expect((await ask("/api/v1/workloads")).json.map((w: { name: string }) => w.name)).toEqual([
      "productpage-v1",
      "reviews-v1",
      "reviews-v2",
    ]);
    expect((await ask("/api/v1/config")).json).toMatchObject([{ kind: "VirtualService", at: "reviews.yaml:3:1" }]);
    const detail = await ask("/api/v1/config/VirtualService.networking.istio.io/default/reviews");
    expect(detail.json.yaml).toContain("kind: VirtualService");
    expect((await ask("/api/v1/diagnostics")).json).toEqual([]);
    expect((await ask("/api/v1/problems")).json).toEqual([]);
    const edge = encodeURIComponent(graph.edges[0].id);
    const series = (await ask(`/api/v1/series?edge=${edge}&metric=rate&from=${now - 60_000}&to=${now}&step=10`)).json;
    expect(series).toMatchObject({ name: "rate", unit: "requests/s" });
    expect(series.points.filter((p: [number, number | null]) => p[1] !== null)).toEqual([
      [now - 0 - ((now - 0) % 10_000), 10],
    ]);
    expect(faults).toEqual([]);
  });

  test("the past is told as it was, the present anew after each look", async () => {
    await start();
    expect((await ask("/api/v1/graph")).json.edges[0].rate).toBe(10);
    store.write(now, 5000, [requests(150, labels("destination", "productpage-v1", "reviews-v1"))]);
    expect((await ask("/api/v1/graph")).json.edges[0].rate).toBe(20);
    expect((await ask(`/api/v1/graph?at=${now - 1000}`)).json.edges[0].rate).toBe(10);
  });

  test.each([
    ["/api/v1/nothing", 404],
    ["/api/v1/config/VirtualService.networking.istio.io/default/none", 404],
    ["/api/v1/config/%E0%A4%A/default/none", 400],
    ["/api/v1/graph?window=soon", 400],
    ["/api/v1/series", 400],
    ["/api/v1/series?node=x&metric=mood", 400],
    ["/api/v1/apply", 405],
    ["/api/v1/proxies/none/config/cluster", 404],
    ["/api/v1/proxies/reviews-v1-0.default/config/cluster", 501],
    ["/api/v1/logs/reviews-v1-0", 501],
  ])("%s is refused with %d, a reason and no stack", async (path, status) => {
    await start();
    const answer = await ask(path);
    expect(answer.status).toBe(status);
    expect(answer.json.error).toMatch(/\w/);
    expect(answer.text).not.toMatch(/\.ts:\d/);
    expect(faults).toEqual([]);
  });

  test("a fault of ours is told without its text", async () => {
    await start(
      {},
      {
        diagnostics: () => {
          throw new Error("inner thoughts");
        },
      },
    );
    const answer = await ask("/api/v1/diagnostics");
    expect([answer.status, answer.json.error]).toEqual([500, "the control plane failed to answer"]);
    expect(faults).toHaveLength(1);
  });

  test("events say what to ask for again, several changes at once", async () => {
    await start();
    const socket = connect(port, "127.0.0.1");
    socket.write("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let heard = "";
    socket.setEncoding("utf8").on("data", (text: string) => {
      heard += text;
    });
    const hears = async (part: string) => {
      while (!heard.includes(part)) await once(socket, "data");
    };
    await hears("retry: 1000");
    expect(heard).toContain("text/event-stream");
    for (const listener of listeners) {
      listener("config");
      listener("config");
    }
    store.write(now, 5000, []);
    advance(200);
    await hears('"workloads"');
    expect([...heard.matchAll(/data: (.*)/g)].map((m) => JSON.parse(m[1] as string))).toEqual([
      { topic: "config", at: now },
      { topic: "graph", at: now },
      { topic: "workloads", at: now },
    ]);
    advance(15_000);
    await hears(": still here");
    socket.destroy();
  });
});
