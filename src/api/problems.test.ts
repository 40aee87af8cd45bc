import { describe, expect, test } from "vitest";
import type { Diagnostic } from "../model/diagnostic.ts";
import { causeOf } from "./causes.ts";
import { edgesOf } from "./edges.ts";
import { findingsOf } from "./findings.ts";
import { problemsOf } from "./problems.ts";
import { rosterOf } from "./roster.ts";
import type { MeshState } from "./state.ts";
import { burning, calm, calmMesh, labels, object, pod, requests, snapshotOf } from "./testdata/bookinfo.ts";

const now = 1_700_000_000_000;
const from = "productpage-v1";

describe("problems", () => {
  const of = (state: MeshState, step = calm, since?: number) =>
    problemsOf({
      now,
      edges: edgesOf(step),
      roster: rosterOf(state),
      findings: findingsOf(state.diagnostics(), state.snapshot()),
      since: () => since,
      cause: (edge) => causeOf(edge, state.snapshot(), "cluster.local"),
    });

  test("none in a calm mesh", () => expect(of(calmMesh())).toEqual([]));

  test("are told as a colleague would, worst first", () => {
    const state = calmMesh({
      diagnostics: () => [
        {
          code: "WEFT0001",
          level: "Error",
          position: { file: "broken.yaml", line: 4, column: 1 },
          message: "not YAML",
          fix: "close the quote",
        },
      ],
      pods: () => [
        pod("productpage-v1"),
        pod("reviews-v2"),
        pod("reviews-v1", 0, { ready: false, application: "crashed", restarts: 1 }),
      ],
    });
    const since = new Date(2026, 10, 21, 14, 3).getTime();
    expect(of(state, burning, since)).toEqual([
      {
        health: "failing",
        sentence: "reviews-v1: reviews-v1-0 crashed; started again once",
        link: "/workloads/default/reviews-v1",
      },
      {
        health: "failing",
        sentence: "reviews-v2 answers 503 to productpage-v1 since 14:03 (50 % of requests)",
        since,
        link: "/workloads/default/reviews-v2",
      },
      {
        health: "degraded",
        sentence: "broken.yaml: not YAML; close the quote (broken.yaml:4:1)",
        link: "/config/finding?at=broken.yaml%3A4%3A1",
      },
    ]);
  });

  test("name what Envoy's flags mean where no server answered", () => {
    const totals = [
      requests(
        9,
        labels("source", from, "reviews-v1", {
          destination_workload: "unknown",
          response_code: "503",
          response_flags: "UH",
        }),
      ),
    ];
    expect(of(calmMesh(), { covered: 10_000, totals })[0]?.sentence).toBe(
      "productpage-v1 gets 503 for reviews (100 % of requests): no healthy endpoint",
    );
  });

  test("of an injected fault name the object that injects it, and the share of all that was asked of the service", () => {
    const route = (name: string, hosts: readonly string[], fault: object) =>
      object("VirtualService", name, { hosts, http: [{ ...fault, route: [{ destination: { host: "reviews" } }] }] });
    const abort = { fault: { abort: { httpStatus: 503, percentage: { value: 60 } } } };
    const snapshot = () => snapshotOf(route("ratings", ["ratings"], {}), route("reviews", ["reviews"], abort));
    const seen = (value: number, target: Record<string, string>) =>
      requests(value, labels("source", from, "reviews-v1", target));
    const totals = [
      seen(1, { destination_workload: "unknown", response_code: "503", response_flags: "FI" }),
      seen(3, {}),
    ];
    const [found] = of(calmMesh({ snapshot }), { covered: 10_000, totals });
    expect(found?.sentence).toMatch(
      /^productpage-v1 gets 503 for reviews \(25 % of requests\): a fault is injected by VirtualService reviews/,
    );
    expect(found?.link).toBe("/config/VirtualService.networking.istio.io/default/reviews");
  });

  test("are at most ten, and say how many errors more there are", () => {
    const diagnostics = Array.from(
      { length: 30 },
      (_, i): Diagnostic => ({
        code: "X",
        level: "Error",
        position: { file: `f${i}.yaml`, line: 1, column: 1 },
        message: "bad",
      }),
    );
    const found = of(calmMesh({ diagnostics: () => diagnostics }));
    expect(found).toHaveLength(4);
    expect(found[3]?.sentence).toBe("27 more errors in the configuration");
  });
});
