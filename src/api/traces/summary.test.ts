import { describe, expect, test } from "vitest";
import type { Span } from "../../model/span.ts";
import { summaryOf, walked } from "./summary.ts";

const trace = "a".repeat(32);
const span = (id: string, at: number, duration: number, over: Partial<Span> = {}): Span => ({
  ...{ trace, id, kind: "server", name: `${id}:80/*`, start: at * 1000, duration: duration * 1000, failed: false },
  ...{ namespace: "shop", workload: "web", tags: {} },
  ...over,
});
const spans: readonly Span[] = [
  span("4", 13, 4, { workload: "cart", parent: "3", failed: true }),
  span("3", 12, 8, { kind: "client", parent: "1", service: "cart.shop.svc.cluster.local" }),
  span("2", 11, 1, { kind: "client", parent: "1" }),
  span("1", 10, 20, { parent: "lost" }),
];

describe("a trace", () => {
  test("is walked parent by parent, siblings by their beginning; a parent that is not kept is none", () => {
    expect(walked(spans).map(({ id, depth, parent, start }) => [id, depth, parent, start])).toEqual([
      ["1", 0, undefined, 10],
      ["2", 1, "1", 11],
      ["3", 1, "1", 12],
      ["4", 2, "3", 13],
    ]);
  });

  test("loses no span of a ring", () => {
    const ring = [span("1", 1, 1, { parent: "2" }), span("2", 2, 1, { parent: "1" }), span("3", 3, 1, { parent: "3" })];
    expect(walked(ring).map(({ id }) => id)).toEqual(["1", "2", "3"]);
  });

  test("says in a line when, how long, who, and what of it failed", () => {
    expect(summaryOf(spans)).toEqual({
      ...{ id: trace, start: 10, duration: 20, spans: 4, failed: 1 },
      root: { namespace: "shop", workload: "web", name: "1:80/*" },
      parts: [
        { namespace: "shop", workload: "web", spans: 3 },
        { namespace: "shop", workload: "cart", spans: 1 },
      ],
    });
  });

  test("tells the time at what was asked for", () => {
    const [web, cart] = [
      { namespace: "shop", name: "web" },
      { namespace: "shop", name: "cart" },
    ];
    expect(summaryOf(spans, { workloads: [web] }).at?.duration).toBe(20);
    expect(summaryOf(spans, { workloads: [cart] }).at).toEqual({ start: 13, duration: 4, failed: true });
    expect(summaryOf(spans, { service: "cart.shop.svc.cluster.local" }).at?.duration).toBe(8);
    expect(summaryOf(spans, { edge: { source: web, target: cart } }).at?.duration).toBe(8);
    expect(summaryOf(spans, { edge: { source: cart, target: web } }).at).toBeUndefined();
  });
});
