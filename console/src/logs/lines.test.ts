import { expect, it } from "vitest";
import { has, interleaved, jsonOf, linesOf, timeOf } from "./lines.ts";

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

it("finds text in any case, and objects behind a lead", () => {
  const [line] = linesOf('x {"Error":"No"}', "a", "proxy");
  expect(line && has(line, "error")).toBe(true);
  expect(line && has(line, "errors")).toBe(false);
  expect(jsonOf('x {"a":1}')).toBe('{\n  "a": 1\n}');
  expect(jsonOf("x {")).toBeUndefined();
});
