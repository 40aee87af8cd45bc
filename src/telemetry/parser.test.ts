import fc from "fast-check";
import { expect, test } from "vitest";
import { formatLabels, parseLabels } from "./exposition.ts";
import { mergedText } from "./merged.ts";
import { ExpositionParser } from "./parser.ts";

const envoy = `# TYPE envoy_istio_requests_total counter
envoy_istio_requests_total{reporter="source",source_workload="sleep",grpc_response_status="",response_flags="-"} 4
envoy_istio_requests_total{reporter="source",source_workload="a\\"b\\\\c}d",response_flags="UF"} 1
# TYPE envoy_cluster_upstream_rq counter
envoy_cluster_upstream_rq{envoy_cluster_name="x"} 12
# TYPE envoy_server_uptime gauge
envoy_server_uptime{} 17
# TYPE envoy_istio_request_bytes histogram
envoy_istio_request_bytes_bucket{reporter="source",le="0.5"} 1
envoy_istio_request_bytes_bucket{reporter="source",le="5"} 3
envoy_istio_request_bytes_bucket{reporter="source",le="+Inf"} 4
envoy_istio_request_bytes_sum{reporter="source"} 120.5
envoy_istio_request_bytes_count{reporter="source"} 4
`;

function parse(text: string, pieces = text.length) {
  const parser = new ExpositionParser();
  for (let i = 0; i < text.length; i += pieces) parser.push(text.slice(i, i + pieces));
  return { ...parser.finish(), skipped: parser.skipped };
}

test("reads the mesh's metrics under Istio's names and drops the rest", () => {
  const { exposition, skipped } = parse(envoy);
  expect([...exposition.keys()]).toEqual(["istio_requests_total", "envoy_server_uptime", "istio_request_bytes"]);
  expect([...(exposition.get("istio_requests_total")?.series.values() ?? [])].map((s) => [s.labels, s.value])).toEqual([
    [{ reporter: "source", source_workload: "sleep", grpc_response_status: "unknown", response_flags: "-" }, 4],
    [{ reporter: "source", source_workload: 'a"b\\c}d', response_flags: "UF" }, 1],
  ]);
  expect(exposition.get("istio_request_bytes")?.series.get('reporter="source"')).toEqual({
    labels: { reporter: "source" },
    text: 'reporter="source"',
    value: 4,
    histogram: { bounds: [0.5, 5], counts: [1, 3], sum: 120.5 },
  });
  expect(skipped).toBe(0);
});

test("reads the same from pieces of any size", () => {
  for (const size of [1, 2, 7, 64]) expect(parse(envoy, size).exposition).toEqual(parse(envoy).exposition);
});

test("sums series that differ only in what is unknown", () => {
  const text = `# TYPE istio_requests_total counter\nistio_requests_total{a=""} 2\nistio_requests_total{a="unknown"} 3\n`;
  expect([...(parse(text).exposition.get("istio_requests_total")?.series.values() ?? [])].map((s) => s.value)).toEqual([
    5,
  ]);
});

test("finds the bound wherever it stands among the labels", () => {
  const text = `# TYPE istio_x histogram\nistio_x_bucket{le="1",a="b"} 1\nistio_x_bucket{a="b",le="5"} 2\nistio_x_bucket{le="+Inf",a="b"} 3\nistio_x_count{a="b"} 3\n`;
  expect(parse(text).exposition.get("istio_x")?.series.get('a="b"')).toMatchObject({
    value: 3,
    histogram: { bounds: [1, 5], counts: [1, 2] },
  });
});

test("skips and counts what it cannot read, and reads on", () => {
  const text = `# TYPE istio_requests_total counter\nistio_requests_total{a=b} 2\nistio_requests_total{a="c"} x\nistio_requests_total{a="d"\nistio_requests_total{a="e"} 5\n`;
  const { exposition, skipped } = parse(text);
  expect([...(exposition.get("istio_requests_total")?.series.values() ?? [])].map((s) => s.value)).toEqual([5]);
  expect(skipped).toBe(3);
});

test("labels survive being written and read", () => {
  const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/).filter((n) => n !== "__proto__");
  fc.assert(
    fc.property(
      fc.dictionary(name, fc.string({ minLength: 1, unit: "grapheme" }), { noNullPrototype: true }),
      (labels) => {
        expect(parseLabels(formatLabels(labels))).toEqual(labels);
      },
    ),
  );
});

test("the merged page writes each TYPE once, histograms whole, and Prometheus' own names for taken labels", () => {
  const { exposition } = parse(
    `# TYPE istio_requests_total counter\nistio_requests_total{pod="mine",a="x\\ny"} 2\n# TYPE istio_d histogram\nistio_d_bucket{le="1"} 1\nistio_d_bucket{le="+Inf"} 2\nistio_d_sum{} 9\nistio_d_count{} 2\n`,
  );
  const text = [
    ...mergedText([
      { pod: "p-0", namespace: "n", up: true, exposition },
      { pod: "p-1", namespace: "n", up: false, exposition },
    ]),
  ].join("");
  expect(text.split("\n").filter((line) => line !== "" && !line.startsWith("# HELP"))).toEqual([
    "# TYPE istio_d histogram",
    ...["p-0", "p-1"].flatMap((pod) => [
      `istio_d_bucket{pod="${pod}",namespace="n",le="1"} 1`,
      `istio_d_bucket{pod="${pod}",namespace="n",le="+Inf"} 2`,
      `istio_d_sum{pod="${pod}",namespace="n"} 9`,
      `istio_d_count{pod="${pod}",namespace="n"} 2`,
    ]),
    "# TYPE istio_requests_total counter",
    ...["p-0", "p-1"].map((pod) => `istio_requests_total{pod="${pod}",namespace="n",exported_pod="mine",a="x\\ny"} 2`),
    "# TYPE weft_proxy_scrape_up gauge",
    'weft_proxy_scrape_up{pod="p-0",namespace="n"} 1',
    'weft_proxy_scrape_up{pod="p-1",namespace="n"} 0',
  ]);
});
