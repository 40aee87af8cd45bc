import { expect, it } from "vitest";
import { interleaved, jsonOf, linesOf, spanLines, timeOf } from "./lines.ts";

it("reads the times that proxies and applications write", () => {
  const noon = Date.UTC(2026, 10, 22, 12, 0, 0);
  expect(timeOf("[2026-11-22T12:00:00.250Z] GET /")).toBe(noon + 250);
  expect(timeOf("[2026-11-22 12:00:00.250][42][warning] x")).toBe(noon + 250);
  expect(timeOf("2026-11-22T13:00:00+01:00 x")).toBe(noon);
  expect(timeOf(`{"level":"info","time":${noon}}`)).toBe(noon);
  expect(timeOf(`{"ts":${noon / 1000}}`)).toBe(noon);
  expect(timeOf("at line 17")).toBeUndefined();
});

it("puts several logs into one by time, and leaves a trace with its error", () => {
  const application = linesOf("2026-11-22T12:00:02Z failed\n  at line 17\n", "a", "application");
  const proxy = linesOf("started\n[2026-11-22T12:00:01.000Z] one\n[2026-11-22T12:00:03.000Z] two\n", "a", "proxy");
  expect(interleaved([application, proxy]).map(({ text }) => text.replace(/.*Z\]? /, ""))).toEqual([
    "started",
    "one",
    "failed",
    "  at line 17",
    "two",
  ]);
});

it("finds objects behind a lead", () => {
  expect(jsonOf('x {"a":1}')).toBe('{\n  "a": 1\n}');
  expect(jsonOf("x {")).toBeUndefined();
});

it("finds the trace that a line tells of, and shows traces as lines", () => {
  const id = "4bf92f3577b34da6a3ce929d0e0e4736";
  const request = "9c1b6c2a-0b7e-9d3c-8a57-0d5c0f3d7f11";
  const traces = linesOf(
    [
      `"GET /" 200 "${request}"`,
      `{"trace_id":"${id}"}`,
      `traceparent 00-${id}-00f067aa0ba902b7-01`,
      "x",
      "0".repeat(32),
    ].join("\n"),
    "a",
    "proxy",
  ).map(({ trace }) => trace);
  expect(traces).toEqual([{ request }, { id }, { id }, undefined, undefined]);
  const root = { namespace: "default", workload: "web", name: "web:80/*" };
  const at = { start: 1000, duration: 12, failed: true };
  const [line] = spanLines([{ id, start: 990, duration: 30, root, spans: 3, failed: 1, parts: [], at }]);
  expect(line).toMatchObject({
    source: "spans",
    at: 1000,
    trace: { id },
    text: expect.stringMatching(/^web:80\/\* took 12.*, failed$/),
  });
});
