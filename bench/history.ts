import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { edgeMetrics, edgesOf } from "../src/api/edges.ts";
import { jsonLog } from "../src/main/log.ts";
import { openStore } from "../src/store/store.ts";
import { traffic } from "./traffic.ts";

// Traffic's history of a made-up mesh: bytes an hour, time of a look's write, and of the console's questions. See README.md.
const services = (process.argv[2] ?? "4,1000").split(",").map(Number);
const minutes = Number(process.argv[3] ?? 16);
const interval = 5000;

for (const count of services) measure(count);

function measure(count: number): void {
  const folder = mkdtempSync(join(tmpdir(), "weft-history-"));
  const store = openStore({ path: join(folder, "history.db"), log: jsonLog("error") });
  const begun = 1_700_000_100_000;
  const look = traffic(count);
  const writes: number[] = [];
  let series = 0;
  let at = begun;
  for (; at <= begun + minutes * 60_000; at += interval) {
    const grown = look();
    series = Math.max(series, grown.length);
    writes.push(timed(() => store.write(at, interval, grown)));
  }
  at -= interval;
  const ask = () => edgesOf(store.totals({ names: edgeMetrics }, at - 60_000, at));
  const asked = Array.from({ length: 10 }, () => timed(ask));
  process.stdout.write(
    `${count} services, ${series} series of a look, ${store.state().series} in all: ${(store.state().bytes / 1e6).toFixed(1)} MB after ${minutes} min; a look's write p50 ${at_(writes, 0.5)} p95 ${at_(writes, 0.95)} max ${at_(writes, 1)} ms; the graph's question p95 ${at_(asked, 0.95)} ms\n`,
  );
  store.close();
  if (process.env.KEEP) console.log(folder);
  else rmSync(folder, { recursive: true });
}

function timed(run: () => unknown): number {
  const begun = performance.now();
  run();
  return performance.now() - begun;
}

function at_(values: readonly number[], q: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0).toFixed(1);
}
