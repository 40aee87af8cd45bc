import { expect, test } from "vitest";
import type { TraceSpan } from "../../../src/api/contract/traces.ts";
import { lanesOf, palette } from "./lanes.ts";

const span = (id: string, depth: number, start: number, duration: number, parent?: string): TraceSpan => ({
  ...{ id, depth, start, duration, kind: "server", name: id, failed: false, namespace: "n", workload: id, tags: {} },
  ...(parent ? { parent } : {}),
});
const spans = [span("a", 0, 100, 20), span("b", 1, 102, 6, "a"), span("c", 2, 103, 2, "b"), span("d", 1, 105, 10, "a")];

test("bars lie where their time is, and each knows what it took itself", () => {
  expect(
    lanesOf(spans, new Set()).map(({ span: s, left, width, own, below }) => [s.id, left, width, own, below]),
  ).toEqual([
    ["a", 0, 1, 7, 3],
    ["b", 0.1, 0.3, 4, 1],
    ["c", 0.15, 0.1, 2, 0],
    ["d", 0.25, 0.5, 10, 0],
  ]);
});

test("what is below a closed span is not shown", () => {
  expect(lanesOf(spans, new Set(["b"])).map(({ span: s }) => s.id)).toEqual(["a", "b", "d"]);
  expect(lanesOf(spans, new Set(["a"])).map(({ span: s }) => s.id)).toEqual(["a"]);
});

test("each workload has one colour", () => expect([...palette(spans).values()]).toEqual([0, 1, 2, 3]));
