import { expect, test } from "vitest";
import { increments } from "./increments.ts";
import { ExpositionParser } from "./parser.ts";
import { Overflow, SeriesBudget } from "./series-budget.ts";

const line = (host: string, count: number) =>
  `istio_requests_total{reporter="source",source_workload="a",source_workload_namespace="n",destination_service="${host}",response_code="200"} ${count}\n`;
const timed = (host: string, ...[low, all, sum]: [number, number, number]) => {
  const labels = `reporter="source",source_workload="a",source_workload_namespace="n",destination_service="${host}"`;
  const name = "istio_request_duration_milliseconds";
  return `${name}_bucket{${labels},le="5"} ${low}\n${name}_bucket{${labels},le="+Inf"} ${all}\n${name}_sum{${labels}} ${sum}\n${name}_count{${labels}} ${all}\n`;
};
const read = (counters: string, histograms = "") => {
  const parser = new ExpositionParser();
  parser.push(`# TYPE istio_requests_total counter\n${counters}`);
  parser.push(`# TYPE istio_request_duration_milliseconds histogram\n${histograms}`);
  return parser.finish().exposition;
};

test("series beyond the budget are one, which only grows, and nothing of the sum is lost", () => {
  const full: string[] = [];
  const budget = new SeriesBudget((workload, metric) => full.push(`${workload} ${metric}`), 2);
  const overflow = new Overflow();
  const first = read(line("a", 1) + line("b", 2));
  expect(overflow.shown(first, budget.folded(first, 0))).toBe(first);

  const second = read(line("a", 1) + line("b", 5) + line("c", 7) + line("d", 11));
  const folded = budget.folded(second, 5000);
  const grown = overflow.fold(increments(first, second), folded);
  expect(grown.reduce((sum, { value }) => sum + value, 0)).toBe(3 + 7 + 11);
  const page = [...(overflow.shown(second, folded).get("istio_requests_total")?.series.values() ?? [])];
  expect(page.map(({ labels, value }) => [labels["destination_service"], labels["overflow"], value])).toEqual([
    ["a", undefined, 1],
    ["b", undefined, 5],
    ["unknown", "true", 18],
  ]);
  expect(page[2]?.labels).toMatchObject({ reporter: "source", source_workload: "a", response_code: "200" });
  expect(page[2]?.text).toContain('overflow="true"');
  expect(full).toEqual(["n/a istio_requests_total"]);

  // Envoy forgot one of them: the sum stays.
  const third = read(line("a", 1) + line("b", 5) + line("d", 12));
  const again = budget.folded(third, 10_000);
  overflow.fold(increments(second, third), again);
  expect(overflow.shown(third, again).get("istio_requests_total")?.series.size).toBe(3);
  expect([...(overflow.shown(third, again).get("istio_requests_total")?.series.values() ?? [])][2]?.value).toBe(19);
});

test("histograms are summed bucket by bucket", () => {
  const budget = new SeriesBudget(() => {}, 1);
  const overflow = new Overflow();
  const seen = read("", timed("a", 1, 1, 1) + timed("b", 1, 3, 30) + timed("c", 2, 2, 4));
  const folded = budget.folded(seen, 0);
  overflow.fold(increments(undefined, seen), folded);
  const all = [...(overflow.shown(seen, folded).get("istio_request_duration_milliseconds")?.series.values() ?? [])];
  expect(all[1]).toMatchObject({ value: 5, histogram: { bounds: [5], counts: [3], sum: 34 } });
});

test("room is made by what was not seen for long", () => {
  const budget = new SeriesBudget(() => {}, 1);
  const folds = (host: string, at: number) => budget.folded(read(line(host, 1)), at).size > 0;
  expect([folds("a", 0), folds("b", 1000), folds("b", 11 * 60_000), folds("a", 12 * 60_000)]).toEqual([
    false,
    true,
    false,
    true,
  ]);
});

test("a proxy that makes up workloads has no more than one's share", () => {
  const budget = new SeriesBudget(() => {}, 3);
  const overflow = new Overflow();
  const lines = Array.from({ length: 500 }, (_, i) =>
    line("a", 1).replace('source_workload="a"', `source_workload="w${i}"`),
  );
  const seen = read(lines.join(""));
  const folded = budget.folded(seen, 0);
  overflow.fold(increments(undefined, seen), folded);
  const all = [...(overflow.shown(seen, folded).get("istio_requests_total")?.series.values() ?? [])];
  expect(all.length).toBeLessThan(210);
  expect(all.reduce((sum, { value }) => sum + value, 0)).toBe(500);
});
