import { describe, expect, test } from "vitest";
import type { Step } from "../store/store.ts";
import { edgesOf } from "./edges.ts";
import { failingSince, seriesOf } from "./series.ts";
import { labels, latency, requests } from "./testdata/bookinfo.ts";

const now = 1_700_000_000_000;
const from = "productpage-v1";

describe("series", () => {
  const step = (i: number, covered: number, ok: number, bad = 0): Step => ({
    time: now + i * 5000,
    covered,
    totals: [
      ...(ok > 0
        ? [
            requests(ok, labels("destination", from, "reviews-v1")),
            latency(labels("destination", from, "reviews-v1"), [0, ok, 0, 0, 0, 0, 0, 0]),
          ]
        : []),
      ...(bad > 0 ? [requests(bad, labels("destination", from, "reviews-v1", { response_code: "500" }))] : []),
    ],
  });
  const edge = edgesOf(step(0, 1, 1))[0]?.id ?? "";
  const values = (
    steps: Step[],
    metric: Parameters<typeof seriesOf>[2],
    subject: Parameters<typeof seriesOf>[1] = { edge },
  ) => seriesOf(steps, subject, metric).points.map(([, v]) => v);

  test("tell no requests from no knowledge, and bridge a step that the next look speaks for", () => {
    const steps = [
      step(1, 5000, 10),
      step(2, 5000, 0),
      step(3, 0, 0),
      step(4, 3000, 12),
      step(5, 0, 0),
      step(6, 10_000, 30),
    ];
    expect(values(steps, "rate")).toEqual([2, 0, null, 4, 3, 3]);
    expect(values(steps, "errors")).toEqual([0, null, null, 0, 0, 0]);
    expect(values(steps, "p50")).toEqual([3, null, null, 3, 3, 3]);
  });

  test("that end now end with the last look", () => {
    const steps = [step(1, 5000, 10), step(2, 0, 0), step(3, 5000, 5), step(4, 0, 0), step(5, 0, 0)];
    expect(seriesOf(steps, { edge }, "rate", { live: true }).points.map(([, v]) => v)).toEqual([2, 1, 1]);
    expect(seriesOf(steps.slice(3), { edge }, "rate", { live: true }).points.map(([, v]) => v)).toEqual([null, null]);
  });

  test("of a node are of what comes in, and of what goes out where nothing comes in", () => {
    expect(values([step(1, 5000, 10)], "rate", { node: "workload/default/reviews-v1" })).toEqual([2]);
    expect(values([step(1, 5000, 10)], "rate", { node: "workload/default/productpage-v1" })).toEqual([2]);
    expect(values([step(1, 5000, 10)], "rate", { node: "workload/default/other" })).toEqual([0]);
  });

  test("know since when an edge fails", () => {
    const ok = [step(1, 5000, 10), step(2, 5000, 10), step(3, 5000, 5, 5), step(4, 5000, 0), step(5, 5000, 5, 5)];
    expect(failingSince(ok, edge, 0.01)).toBe(now + 2 * 5000);
    expect(failingSince(ok.slice(2), edge, 0.01)).toBeUndefined();
    expect(failingSince([step(1, 5000, 0), step(2, 5000, 5, 5)], edge, 0.01)).toBe(now + 5000);
    expect(failingSince(ok.slice(0, 2), edge, 0.01)).toBeUndefined();
  });
});
