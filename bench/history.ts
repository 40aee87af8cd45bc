import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { edgeMetrics, edgesInTurns } from "../src/api/edges.ts";
import { endsOf } from "../src/api/ends.ts";
import { seriesOf } from "../src/api/series.ts";
import { startHistory } from "../src/main/history-thread.ts";
import { jsonLog } from "../src/main/log.ts";
import type { Labels } from "../src/model/sample.ts";
import type { Span } from "../src/model/span.ts";
import { spanStore } from "../src/store/spans/span-store.ts";
import type { Store } from "../src/store/store.ts";
import { traffic } from "./traffic.ts";

// Traffic's history of a made-up mesh: bytes an hour, how long the thread that serves proxies is held up, and the console's questions. See README.md.
const services = (process.argv[2] ?? "4,1000").split(",").map(Number);
const minutes = Number(process.argv[3] ?? 20);
const interval = 5000;
const minute = 60_000;
const begun = 1_700_000_100_000;

for (const count of services) await measure(count);

async function measure(count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "weft-history-"));
  const store = startHistory(join(folder, "history.db"), jsonLog("error"));
  const look = traffic(count);
  const held = monitorEventLoopDelay({ resolution: 1 });
  const slices: number[] = [];
  const written: number[] = [];
  const sizes: number[] = [];
  const end = begun + minutes * minute;
  for (let at = begun; at <= end; at += interval) {
    const grown = look();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const done = new Promise<void>((resolve) => {
      const stop = store.onWrite(() => {
        stop();
        resolve();
      });
    });
    held.enable();
    held.reset();
    const since = performance.now();
    store.write(at, interval, grown);
    await done;
    written.push(performance.now() - since);
    slices.push(held.max / 1e6);
    held.disable();
    if ((at - begun) % (15 * minute) === 0) sizes.push(store.state().bytes);
  }
  say(
    `${count} services`,
    `${store.state().series} series, ${(store.state().bytes / 1e6).toFixed(1)} MB after ${minutes} min`,
  );
  say("a look until it is in the file", shares(written));
  say("what it holds the main thread up, at most", shares(slices));
  await ask(store, end);
  await store.close();
  rmSync(folder, { recursive: true });
}

/** What the console asks, each ten times: how long it takes, and the longest slice of the main thread meanwhile. */
async function ask(store: Store, end: number): Promise<void> {
  const window = (span: number) => async () =>
    edgesInTurns(await store.totals({ names: edgeMetrics }, end - span, end));
  const node = "workload/team-1/w1-v1";
  const matches = (labels: Labels) => endsOf(labels).source === node || endsOf(labels).target === node;
  const span = Math.min(6 * 60, minutes) * minute;
  const chart = async () =>
    seriesOf(await store.steps({ names: edgeMetrics, matches }, end - span, end, minute), { node }, "p95");
  const spans = spanStore(store, { now: () => end, after: () => () => {} });
  for (let i = 0; i < 20; i++) spans.add(Array.from({ length: 1900 }, (_, j) => spanOf(i * 1900 + j, end)));
  const traces = () =>
    spans.search({
      from: end - 60 * minute,
      to: end,
      namespaces: [],
      tags: {},
      limit: 100,
      subject: { workloads: [{ namespace: "team-1", name: "w1-v1" }] },
    });
  await timed("graph of 1 min", window(minute));
  await timed("graph of 10 min", window(10 * minute));
  await timed(`a service's chart over ${span / minute} min`, chart);
  await timed("100 traces of a workload", traces);
  spans.close();
}

function spanOf(i: number, end: number): Span {
  const trace = (Math.floor(i / 8) + 1).toString(16).padStart(32, "0");
  return {
    ...{ trace, id: (i + 1).toString(16).padStart(16, "0"), kind: i % 2 ? "client" : "server", name: "GET /api" },
    ...{ start: (end - (i % 3000) * 1000) * 1000, duration: 5000, failed: false, namespace: `team-${i % 20}` },
    ...{
      workload: `w${i % 20}-v1`,
      service: `w${i % 40}.team.svc.cluster.local`,
      tags: { "http.method": "GET", "http.status_code": "200" },
    },
  };
}

async function timed(name: string, run: () => Promise<unknown>): Promise<void> {
  const held = monitorEventLoopDelay({ resolution: 1 });
  const times: number[] = [];
  await run();
  held.enable();
  const before = process.cpuUsage();
  for (let i = 0; i < 10; i++) {
    const since = performance.now();
    await run();
    times.push(performance.now() - since);
  }
  held.disable();
  const { user, system } = process.cpuUsage(before);
  say(
    name,
    `${shares(times)}; CPU ${((user + system) / 10_000).toFixed(0)} ms; main thread held up ${(held.percentile(99) / 1e6).toFixed(0)} ms (p99), ${(held.max / 1e6).toFixed(0)} (max)`,
  );
}

function shares(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (q: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0).toFixed(0);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)}, p99 ${at(0.99)}, max ${at(1)}`;
}

function say(name: string, text: string): void {
  process.stdout.write(`${name}: ${text}\n`);
}
