import { expect, it } from "vitest";
import { bookinfo } from "../../test/scenarios/bookinfo.ts";
import { edgeOf } from "../../test/scenarios/world.ts";
import { summed, sumsOf } from "./sums.ts";

const edge = (over: Partial<ReturnType<typeof edgeOf>>) => ({
  ...edgeOf({ from: "a", to: "b", service: "s", rate: 1 }, 0),
  ...over,
});

it("adds what adds up, weighs shares by rate, and takes the slowest percentile", () => {
  const sum = summed([
    edge({ rate: 30, errorShare: 0.1, mtlsShare: 1, p95: 20, codes: { "200": 27, "503": 3 }, flags: { UF: 3 } }),
    edge({ rate: 10, errorShare: 0.5, mtlsShare: 0, p95: 90, codes: { "200": 5, "503": 5 }, flags: { UH: 5 } }),
  ]);
  expect(sum).toMatchObject({
    rate: 40,
    errorShare: 0.2,
    mtlsShare: 0.75,
    p95: 90,
    codes: { "200": 32, "503": 8 },
    flags: { UF: 3, UH: 5 },
  });
});

it("has nothing to say of nothing, nor a percentile where none was measured", () => {
  expect(summed([])).toBeUndefined();
  const { p50: _p50, p95: _p95, p99: _p99, ...tcp } = edge({ protocol: "tcp" });
  expect(summed([tcp])).not.toHaveProperty("p95");
  expect(summed([tcp])?.protocol).toBe("tcp");
});

it("tells what comes from outside from what flows inside, and asks mutual TLS of the latter alone", () => {
  const { graph } = bookinfo({}, 0, []);
  const flat = {
    nodes: graph.nodes,
    edges: graph.edges.map((e) => ({ ...e, rate: 10, p95: e.protocol === "tcp" ? 0 : 50 })),
  };
  const sums = sumsOf(flat);
  expect(sums).toMatchObject({ fromOutside: 10, inside: 80, errorShare: 0, slowest: 50 });
  // 9 edges inside, of which the one to the database is in the clear
  expect(sums.mtlsInside).toBeCloseTo(8 / 9);
  expect(sums.tcpBytes).toBeGreaterThan(0);
  expect(sumsOf({ nodes: [], edges: [] })).toMatchObject({
    fromOutside: 0,
    slowest: undefined,
    tcpBytes: undefined,
    mtlsInside: undefined,
  });
});

it("takes what gateways send on for what came in, where nobody outside was seen", () => {
  const { graph } = bookinfo({}, 0, []);
  const edges = graph.edges.filter((e) => e.source !== "unknown").map((e) => ({ ...e, rate: 10 }));
  expect(sumsOf({ nodes: graph.nodes.filter((n) => n.type !== "unknown"), edges }).fromOutside).toBe(10);
});
