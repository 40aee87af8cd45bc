import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Graph } from "../../src/api/contract/graph.ts";
import { runIt } from "../../src/cli/cli.fixture.ts";

const node = { type: "workload", namespace: "default", health: "healthy", inMesh: true } as const;
const graph: Graph = {
  at: 1_700_000_000_000,
  window: 60,
  nodes: [
    { ...node, id: "unknown", type: "unknown", namespace: "", name: "unknown", app: "unknown", version: "" },
    { ...node, id: "workload/default/reviews-v1", name: "reviews-v1", app: "reviews", version: "v1" },
  ],
  edges: [
    {
      id: "e",
      source: "unknown",
      target: "workload/default/reviews-v1",
      protocol: "http",
      service: "reviews.default.svc.cluster.local",
      rate: 12.34,
      errorShare: 0.25,
      p50: 4.2,
      p95: 120.4,
      p99: 250,
      mtlsShare: 0,
      codes: { "503": 3 },
      flags: {},
    },
  ],
};
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url ?? "");
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(graph));
});
let url: string;

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

it("prints edges with their figures, and asks for what the flags say", async () => {
  const { out, code } = await runIt([
    "graph",
    "--server",
    url,
    "--window",
    "5m",
    "--type",
    "app",
    "--services",
    "--namespaces",
    "default",
  ]);
  expect(code).toBe(0);
  expect(out).toMatch(/^outside +reviews-v1\.default +http +12\.3\/s +25\.0% +4\.2 ms +120 ms +250 ms +0%$/m);
  const query = new URL(asked.at(-1) ?? "", "http://x").searchParams;
  expect(query.has("services")).toBe(true);
  expect(Object.fromEntries(query)).toMatchObject({
    window: "300",
    type: "app",
    namespaces: "default",
    fold: "50000",
  });
});

it("takes times of the past, and says what it does not take", async () => {
  await runIt(["graph", "--server", url, "--at", "2023-11-14T22:13:20Z"]);
  expect(new URL(asked.at(-1) ?? "", "http://x").searchParams.get("at")).toBe("1700000000000");
  const { code, err } = await runIt(["graph", "--server", url, "--at", "yesterday"]);
  expect([code, err.includes("--at yesterday: not a time")]).toEqual([64, true]);
});
