import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { edgeMetrics, edgesOf } from "../src/api/edges.ts";
import { jsonLog } from "../src/main/log.ts";
import type { Increment, Labels } from "../src/model/sample.ts";
import { openStore } from "../src/store/store.ts";

// Traffic's history of a made-up mesh: bytes an hour of its fine samples, time of a look's write, and of the graph's question. See README.md.
const services = (process.argv[2] ?? "4,1000").split(",").map(Number);
const looks = Number(process.argv[3] ?? 36);
const callers = 3;
const interval = 5000;
const bounds = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000,
];

for (const count of services) measure(count);

function measure(count: number): void {
  const folder = mkdtempSync(join(tmpdir(), "weft-history-"));
  const retention = { fine: 1e9, coarse: 1e9, bytes: 1e12 };
  const store = openStore({ path: join(folder, "history.db"), log: jsonLog("error"), retention });
  const all = Array.from({ length: count }, (_, i) =>
    Array.from({ length: callers }, (_, j) => edge(i, j, count)),
  ).flat(2);
  const begun = 1_700_000_000_000;
  const writes = Array.from({ length: looks }, (_, i) => timed(() => store.write(begun + i * interval, interval, all)));
  const to = begun + (looks - 1) * interval;
  const ask = () => edgesOf(store.totals({ names: edgeMetrics }, to - 60_000, to));
  const asked = Array.from({ length: 20 }, () => timed(ask));
  const perHour = (store.state().bytes / looks) * (3_600_000 / interval);
  process.stdout.write(
    `${count} services, ${all.length} series: ${(perHour / 1e6).toFixed(1)} MB an hour; a look's write p95 ${p95(writes)} ms; the graph's question p95 ${p95(asked)} ms\n`,
  );
  store.close();
  rmSync(folder, { recursive: true });
}

/** What both ends of one edge count in a look. */
function edge(service: number, caller: number, count: number): Increment[] {
  return ["source", "destination"].flatMap((reporter) => {
    const ends = labels(reporter, service, (service + caller + 1) % count);
    const counts = bounds.map((_, i) => (i < 6 ? 7 : 0));
    const buckets = { bounds, counts: [...counts, 0], sum: 420 };
    const names = ["istio_request_duration_milliseconds", "istio_request_bytes", "istio_response_bytes"];
    const code = { ...ends, response_code: "200", response_flags: "-" };
    return [
      { name: "istio_requests_total", labels: code, value: 42 },
      ...names.map((name) => ({ name, labels: ends, value: 42, buckets })),
    ];
  });
}

function labels(reporter: string, to: number, from: number): Labels {
  return {
    reporter,
    source_workload: `w${from}-v1`,
    source_workload_namespace: "default",
    destination_workload: `w${to}-v1`,
    destination_workload_namespace: "default",
    destination_service: `w${to}.default.svc.cluster.local`,
    destination_service_name: `w${to}`,
    destination_service_namespace: "default",
    request_protocol: "http",
    connection_security_policy: "mutual_tls",
  };
}

function timed(run: () => unknown): number {
  const begun = performance.now();
  run();
  return performance.now() - begun;
}

function p95(values: readonly number[]): string {
  return ([...values].sort((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? 0).toFixed(1);
}
