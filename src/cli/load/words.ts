import type { Latency } from "./latency.ts";
import type { LoadReport } from "./tally.ts";

/** One line on a run that goes on: this second's rate, share and latencies, and the counts so far. */
export function loadLine(report: LoadReport): string {
  const { lately } = report;
  const parts = [
    `${Math.round(report.elapsedMs / 1000)} s`.padStart(6),
    `${number(lately.perSecond)}/s`.padStart(8),
    `${percent(lately.okShare)} ok`.padStart(10),
    latencyWords(lately.latency),
    counts(report),
  ];
  if (report.behind > 0) parts.push(`${report.behind} wait for a connection`);
  return parts.join("  ");
}

/** The closing words on a run, line by line. */
export function loadSummary(report: LoadReport): readonly string[] {
  const lines = [
    `${report.sent} requests in ${number(report.elapsedMs / 1000)} s, ${number(report.perSecond)} answers a second, ${percent(report.okShare)} ok`,
    `latency   ${latencyWords(report.latency)}${report.latency === undefined ? "" : `  max ${millis(report.latency.max)}`}`,
  ];
  for (const [status, count] of Object.entries(report.statuses)) lines.push(`status    ${status}: ${count}`);
  for (const [reason, count] of Object.entries(report.errors)) lines.push(`failed    ${reason}: ${count}`);
  if (report.inFlight > 0) lines.push(`open      ${report.inFlight} not answered when the run was stopped`);
  if (report.behind > 0) {
    lines.push(
      `unsent    ${report.behind} found no free connection: the target is slower than the rate; raise --connections or lower --rate`,
    );
  }
  return lines;
}

/**
 * The exit code that tells: 0 when the share of 2xx and 3xx is at least `leastOk` (default 1: all of them), 2 when it is not,
 * 69 when no request got any answer.
 */
export function loadExitCode(report: LoadReport, leastOk = 1): 0 | 2 | 69 {
  if (report.done === 0) return 0;
  if (Object.keys(report.statuses).length === 0) return 69;
  return (report.okShare ?? 0) >= leastOk ? 0 : 2;
}

function latencyWords(latency: Latency | undefined): string {
  if (latency === undefined) return "no answers yet";
  return `p50 ${millis(latency.p50)}  p95 ${millis(latency.p95)}  p99 ${millis(latency.p99)}`;
}

function counts(report: LoadReport): string {
  const all = [...Object.entries(report.statuses), ...Object.entries(report.errors)];
  return all.map(([what, count]) => `${what}: ${count}`).join("  ");
}

/** Rounds down, so that "100%" is said only when it is so. */
function percent(share: number | undefined): string {
  if (share === undefined) return "–";
  return share === 1 ? "100%" : `${(Math.floor(share * 10_000) / 100).toFixed(2)}%`;
}

function millis(ms: number): string {
  return ms >= 10_000 ? `${number(ms / 1000)} s` : `${number(ms)} ms`;
}

/** As few digits as help: 0.42, 4.2, 42. */
function number(value: number): string {
  return value >= 100
    ? String(Math.round(value))
    : value >= 1
      ? value.toFixed(1).replace(/\.0$/, "")
      : String(Number(value.toFixed(2)));
}
