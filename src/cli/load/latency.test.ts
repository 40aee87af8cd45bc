import fc from "fast-check";
import { expect, test } from "vitest";
import { LatencyHistogram } from "./latency.ts";

test("nothing added, nothing read", () => {
  expect(new LatencyHistogram().read()).toBeUndefined();
});

test("quantiles are within 0.5% of the nearest rank of the sorted latencies", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.001, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 400 }),
      (values) => {
        const histogram = new LatencyHistogram();
        for (const value of values) histogram.add(value);
        const sorted = [...values].sort((a, b) => a - b);
        const read = histogram.read();
        const shares = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 };
        for (const [name, share] of Object.entries(shares)) {
          const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
          const told = read?.[name as keyof typeof shares] ?? 0;
          expect(Math.abs(told - exact) / exact).toBeLessThanOrEqual(0.00501);
        }
        expect(read?.max).toBe(sorted.at(-1));
      },
    ),
  );
});

test("what lies beyond the ends is counted at the ends", () => {
  const histogram = new LatencyHistogram();
  histogram.add(0);
  histogram.add(10_000_000);
  expect(histogram.read()).toMatchObject({ max: 10_000_000 });
  expect(histogram.read()?.p50).toBeLessThan(0.0011);
  histogram.clear();
  expect(histogram.read()).toBeUndefined();
});
