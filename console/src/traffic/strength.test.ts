import { expect, it } from "vitest";
import { edgeOf } from "../../test/scenarios/world.ts";
import { dotsOf, isOpen, labelOf, stateOf, travelOf, widthOf, worst } from "./strength.ts";

const edge = (id: string, over: Partial<ReturnType<typeof edgeOf>> = {}) => ({
  ...edgeOf({ from: "a", to: "b", service: "s", rate: 10 }, 0),
  id,
  ...over,
});

it("grows wider with the rate, slowly, and not without end", () => {
  const widths = [0, 0.1, 1, 10, 100, 1000, 1e9].map((rate) => widthOf({ rate }));
  expect(widths).toEqual(widths.toSorted((a, b) => a - b));
  expect(widths[0]).toBe(1);
  expect(widths.at(-1)).toBe(6);
});

it("tells states of errors apart", () => {
  const state = (errorShare: number, rate = 1) => stateOf({ rate, errorShare });
  expect([state(0), state(0.0005), state(0.002), state(0.05), state(0, 0)]).toEqual([
    "healthy",
    "healthy",
    "degraded",
    "failing",
    "unknown",
  ]);
});

it("moves no dot where nothing flows, one where little does, and slow answers slowly", () => {
  expect([
    dotsOf({ rate: 0 }, 500),
    dotsOf({ rate: 0.01 }, 500),
    dotsOf({ rate: 1e6 }, 500),
    dotsOf({ rate: 1e6 }, 60),
  ]).toEqual([0, 1, 12, 3]);
  expect(travelOf({ p50: 500 })).toBeGreaterThan(travelOf({ p50: 5 }));
});

it("picks the worst: errors before slowness, and nothing that is idle", () => {
  const edges = [
    edge("slow", { p95: 900 }),
    edge("errs", { errorShare: 0.3 }),
    edge("idle", { rate: 0, errorShare: 1 }),
    edge("ok", { p95: 2 }),
  ];
  expect([...worst(edges, 2)]).toEqual(["errs", "slow"]);
});

it("writes rate, errors if any, and p95", () => {
  const label = (over: Parameters<typeof edge>[1]) =>
    JSON.parse(JSON.stringify(labelOf(edge("x", over))).replaceAll("\u202f", " "));
  expect(label({ rate: 42, errorShare: 0.024, p95: 46 })).toEqual({ rate: "42/s", below: "2.4% err", failed: true });
  expect(label({ rate: 42, errorShare: 0, p95: 46 })).toEqual({ rate: "42/s", below: "46 ms", failed: false });
  expect(label({ protocol: "tcp", rate: 4, bytesReceivedRate: 9000, bytesSentRate: 1000 })).toEqual({
    rate: "4/s",
    below: "10 kB/s",
    failed: false,
  });
});

it("shows a lock only where mutual TLS is missing from what flows", () => {
  expect([
    isOpen({ mtlsShare: 1, rate: 1 }),
    isOpen({ mtlsShare: 0.5, rate: 1 }),
    isOpen({ mtlsShare: 0, rate: 0 }),
  ]).toEqual([false, true, false]);
});

it("counts a connection that stands open as something that flows", () => {
  const pool = edge("pool", { protocol: "tcp", rate: 0, open: 3, mtlsShare: 0 });
  expect([stateOf(pool), isOpen(pool), labelOf(pool).rate]).toEqual(["healthy", true, "3 open"]);
  expect(stateOf({ ...pool, open: 0 })).toBe("unknown");
});
