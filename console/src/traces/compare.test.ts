import { expect, test } from "vitest";
import type { TraceSpan } from "../../../src/api/contract/traces.ts";
import { paired } from "./compare.ts";

const span = (id: string, workload: string, name: string, duration: number, parent?: string): TraceSpan => ({
  ...{ id, workload, name, duration, kind: "server", start: 0, failed: false, namespace: "shop", tags: {} },
  depth: parent ? 1 : 0,
  ...(parent ? { parent } : {}),
});

test("steps that are alike stand side by side, versions of an app among them; what one lacks is told", () => {
  const left = [
    span("1", "page-v1", "/", 10),
    span("2", "reviews-v1", "r", 4, "1"),
    span("3", "details-v1", "d", 2, "1"),
  ];
  const right = [
    span("a", "page-v1", "/", 30),
    span("b", "reviews-v2", "r", 20, "a"),
    span("c", "ratings-v1", "t", 5, "a"),
    span("d", "details-v1", "d", 2, "a"),
    span("e", "details-v1", "d", 3, "a"),
  ];
  expect(paired(left, right).map(({ workload, left: l, right: r }) => [workload, l, r])).toEqual([
    ["page-v1", 10, 30],
    ["reviews-v1", 4, 20],
    ["ratings-v1", undefined, 5],
    ["details-v1", 2, 2],
    ["details-v1", undefined, 3],
  ]);
});
