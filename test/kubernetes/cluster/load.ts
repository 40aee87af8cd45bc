// Asks a URL at an even rate, as long as not too many answers are under way: node load.ts URL RATE. So a machine that cannot do as many gets what it can,
// and no queue that grows until everything in it is late. On SIGTERM it waits for answers that are under way and prints what became of all requests, as
// JSON.
import { Agent, request } from "node:http";

/** What became of requests. */
export interface LoadReport {
  readonly sent: number;
  readonly ok: number;
  /** How many failed, by their reason. */
  readonly failures: Readonly<Record<string, number>>;
  /** Milliseconds since the first request, of the first failures. */
  readonly failedAt: readonly number[];
  /** Milliseconds. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly seconds: number;
}

const [url = "", rate = "200"] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
const begun = performance.now();
const latencies: number[] = [];
const failures: Record<string, number> = {};
const failedAt: number[] = [];
let sent = 0;
let open = 0;
let leaving = false;

function failed(reason: string): void {
  failures[reason] = (failures[reason] ?? 0) + 1;
  if (failedAt.length < 20) failedAt.push(Math.round(performance.now() - begun));
}

function send(): void {
  const at = performance.now();
  sent++;
  open++;
  let answered = false;
  const done = (reason?: string) => {
    if (answered) return;
    answered = true;
    open--;
    if (reason === undefined) latencies.push(performance.now() - at);
    else failed(reason);
    if (leaving && open === 0) report();
  };
  const asked = request(url, { agent, timeout: 15_000 }, (answer) => {
    let body = "";
    answer.setEncoding("utf8");
    answer.on("data", (text: string) => {
      body += text;
    });
    answer.on("error", (error) => done(`cut off: ${error.message}`));
    answer.on("end", () => done(answer.statusCode === 200 ? undefined : `${answer.statusCode} ${body.slice(0, 120)}`));
  });
  asked.on("timeout", () => asked.destroy(new Error("no answer within 15 s")));
  asked.on("error", (error) => done((error as NodeJS.ErrnoException).code ?? error.message));
  asked.end();
}

function report(): void {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  const told: LoadReport = {
    sent,
    ok: latencies.length,
    failures,
    failedAt,
    latency: { p50: at(0.5), p99: at(0.99), max: at(1) },
    seconds: Math.round((performance.now() - begun) / 1000),
  };
  process.stdout.write(`${JSON.stringify(told)}\n`);
  process.exit(0);
}

/** A quarter of a second of 200 a second. */
const mostOpen = 50;

// However late this timer is: as many requests are sent as there should have been.
const timer = setInterval(() => {
  const due = Math.floor(((performance.now() - begun) / 1000) * Number(rate));
  while (sent < due && open < mostOpen) send();
}, 5);
process.on("SIGTERM", () => {
  clearInterval(timer);
  leaving = true;
  if (open === 0) report();
});
