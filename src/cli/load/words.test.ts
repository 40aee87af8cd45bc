import { expect, test } from "vitest";
import type { LoadReport } from "./tally.ts";
import { loadExitCode, loadLine, loadSummary } from "./words.ts";

const LATENCY = { p50: 4.12, p90: 8, p95: 9, p99: 120.4, max: 12_345, mean: 5 };
const FINE: LoadReport = {
  elapsedMs: 12_003,
  final: false,
  sent: 121,
  done: 120,
  inFlight: 1,
  behind: 0,
  perSecond: 9.9975,
  ok: 120,
  okShare: 1,
  statuses: { 200: 120 },
  errors: {},
  bytes: 1000,
  latency: LATENCY,
  lately: { done: 10, perSecond: 10, okShare: 1, latency: LATENCY },
};

test("a line a second", () => {
  expect(loadLine(FINE).replace(/ +/g, " ")).toBe(" 12 s 10/s 100% ok p50 4.1 ms p95 9 ms p99 120 ms 200: 120");
});

test("the closing words name every status, every reason and what was left", () => {
  const report = {
    ...FINE,
    done: 120,
    ok: 100,
    okShare: 100 / 120,
    statuses: { 200: 100, 503: 15 },
    errors: { "connection refused": 5 },
    behind: 3,
  };
  expect(loadSummary(report)).toEqual([
    "121 requests in 12 s, 10 answers a second, 83.33% ok",
    "latency   p50 4.1 ms  p95 9 ms  p99 120 ms  max 12.3 s",
    "status    200: 100",
    "status    503: 15",
    "failed    connection refused: 5",
    "open      1 not answered when the run was stopped",
    "unsent    3 found no free connection: the target is slower than the rate; raise --connections or lower --rate",
  ]);
});

test("99.999% is never called 100%", () => {
  expect(loadSummary({ ...FINE, okShare: 0.99999 })[0]).toContain("99.99% ok");
});

test("the exit code tells", () => {
  expect(loadExitCode(FINE)).toBe(0);
  expect(loadExitCode({ ...FINE, okShare: 0.99 })).toBe(2);
  expect(loadExitCode({ ...FINE, okShare: 0.99 }, 0.95)).toBe(0);
  expect(loadExitCode({ ...FINE, okShare: 0, statuses: {}, errors: { "connection refused": 120 } })).toBe(69);
  expect(loadExitCode({ ...FINE, done: 0, okShare: undefined, statuses: {} })).toBe(0);
});
