import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TraceSpan } from "../../api/contract/traces.ts";
import { runIt } from "../cli.fixture.ts";

const id = "4bf92f3577b34da6a3ce929d0e0e4736";
const span = (over: Partial<TraceSpan>): TraceSpan => ({
  ...{ id: "1", depth: 0, kind: "server", start: 1_700_000_000_000, duration: 40, failed: false },
  ...{ name: "web.shop.svc.cluster.local:80/cart", namespace: "shop", workload: "web", tags: {} },
  ...over,
});
const spans = [
  span({ tags: { "http.status_code": "200" } }),
  span({
    ...{ id: "2", parent: "1", depth: 1, kind: "client", start: 1_700_000_000_010, duration: 20, failed: true },
    ...{ name: "cart.shop.svc.cluster.local:80/*", tags: { "http.status_code": "503", response_flags: "UF" } },
  }),
];
const summary = {
  ...{ id, start: 1_700_000_000_000, duration: 40, spans: 2, failed: 1, parts: [] },
  root: { namespace: "shop", workload: "web", name: spans[0]?.name },
};
let server: Server;
let asked: string[];
let traces: unknown[];

beforeEach(async () => {
  asked = [];
  traces = [summary];
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const one = request.url?.startsWith(`/api/v1/traces/${id}`);
    const source = { kind: "embedded" };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(one ? { source, id, spans } : { source, from: 0, to: 1, traces, more: true }));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterEach(() => server.close());

const run = (...argv: string[]) =>
  runIt(["traces", ...argv, "--server", `http://127.0.0.1:${(server.address() as AddressInfo).port}`], {
    clock: { now: () => 1_700_000_100_000, after: () => () => {} },
  });

test("lists traces, and asks for what its flags say", async () => {
  const { out, err, code } = await run(
    "--workload",
    "web,cart",
    "-n",
    "shop",
    "--failed",
    "--min",
    "5ms",
    "--since",
    "1m",
  );
  expect(code).toBe(0);
  expect(out).toBe(
    `ID                                 BEGAN           TOOK   SPANS   FAILED   REQUEST\n${id}   22:13:20.000   40 ms       2        1   web web.shop:80/cart\n`,
  );
  expect(err).toContain("these are the newest 1");
  const query = new URL(asked[0] ?? "", "http://x").searchParams;
  expect(Object.fromEntries(query)).toEqual({
    ...{ from: "1700000040000", to: "1700000100000", limit: "20", workload: "shop/web,shop/cart" },
    ...{ failed: "true", min: "5" },
  });
});

test("shows the steps of one", async () => {
  const { out } = await run(id);
  expect(out.split("\n")).toEqual([
    "WHERE      WHAT               STATUS    AFTER    TOOK   40 ms",
    "web <-     web.shop:80/cart   200      0.0 ms   40 ms   ================================",
    "  web ->   cart.shop:80/*     503 UF    10 ms   20 ms   ........================........",
    "",
  ]);
  expect(JSON.parse((await run(id, "-o", "json")).out)).toMatchObject({ kind: "Trace", id, spans: [{}, {}] });
});

test("says why there may be none", async () => {
  traces = [];
  const { out, err, code } = await run();
  expect([out, code]).toEqual(["", 0]);
  expect(err).toContain("no such trace within 15m");
});

test.each([
  [["--workload", "web"], "--workload web: in which namespace?"],
  [["--min", "long"], "--min long: not a duration"],
  [["--limit", "0"], "--limit 0: not a number"],
])("refuses %s", async (argv, words) => {
  const { err, code } = await run(...argv);
  expect(code).toBe(64);
  expect(err).toContain(words);
});
