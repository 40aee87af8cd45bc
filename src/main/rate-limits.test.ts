import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import {
  RateLimitResponse_Code as Code,
  RateLimitRequestSchema,
  RateLimitResponseSchema,
} from "../gen/envoy/service/ratelimit/v3/rls_pb.js";
import { memoryCounters } from "../limits/memory.ts";
import { apply, empty } from "../model/snapshot.ts";
import { parseText } from "../sources/text/text.ts";
import { controlPlaneMetrics } from "../telemetry/control-plane.ts";
import { GRPC } from "../xds/grpc.ts";
import { rateLimitMethod } from "./rate-limits.ts";

const clock = { now: () => 1e12, after: () => () => {} };
const limit = (namespace: string, more = "") => `
apiVersion: weft.dev/v1
kind: RateLimit
metadata: {name: a, namespace: ${namespace}}
spec: {scope: Global, rules: [{name: r, limit: {requests: 1, unit: Hour}}]${more}}
---`;

function asked(counters = memoryCounters(clock)) {
  const { resources } = parseText("a.yaml", limit("shop") + limit("istio-system") + limit("dry", ", dryRun: true"));
  const snapshot = apply(
    empty,
    resources.map((put) => ({ put })),
  );
  const metrics = controlPlaneMetrics({
    version: "test",
    connectedProxies: () => 0,
    services: () => 0,
    virtualServices: () => 0,
  });
  const identity = (namespace: string) => ({ trustDomain: "cluster.local", namespace, serviceAccount: "x" });
  const [, method] = rateLimitMethod({
    counters,
    snapshot: () => snapshot,
    metrics,
    authenticate: async ({ headers }) =>
      headers["x-nobody"] === undefined
        ? { peer: { identity: identity(String(headers["x-namespace"])) } }
        : { refusal: { status: GRPC.unauthenticated, message: "who are you" } },
  });
  const ask = async (rule: string, headers: Record<string, string>) => {
    const request = create(RateLimitRequestSchema, { descriptors: [{ entries: [{ key: "rule", value: rule }] }] });
    const answer = await method(toBinary(RateLimitRequestSchema, request), { headers, remoteAddress: "" });
    return answer instanceof Uint8Array ? fromBinary(RateLimitResponseSchema, answer).overallCode : answer.status;
  };
  return { ask, metrics };
}

test("a caller's limits are those of its own namespace and of the root namespace", async () => {
  const { ask, metrics } = asked();
  const shop = { "x-namespace": "shop" };
  for (const rule of ["shop/a/r", "istio-system/a/r"])
    expect([await ask(rule, shop), await ask(rule, shop)]).toEqual([Code.OK, Code.OVER_LIMIT]);
  // Another namespace's caller uses nothing of them up, and is told nothing of them.
  const other = { "x-namespace": "other" };
  expect([await ask("shop/a/r", other), await ask("shop/a/r", other)]).toEqual([Code.OK, Code.OK]);
  const page = await metrics.registry.getSingleMetricAsString("weft_rate_limit_requests_total");
  expect(page).toContain('{rule="shop/a/r",outcome="limited"} 1');
  expect(page).toContain('{rule="shop/a/r",outcome="allowed"} 1');
});

test("who is nobody is refused; a rule that is gone lets pass; a dry run lets pass", async () => {
  const { ask } = asked();
  expect(await ask("shop/a/r", { "x-nobody": "1" })).toBe(GRPC.unauthenticated);
  expect(await ask("shop/a/gone", { "x-namespace": "shop" })).toBe(Code.OK);
  for (let i = 0; i < 3; i++) expect(await ask("dry/a/r", { "x-namespace": "dry" })).toBe(Code.OK);
});

test("counters that are away are told to the proxy, which knows what to do", async () => {
  const { ask, metrics } = asked({ take: () => Promise.reject(new Error("no Redis")), close: async () => {} });
  expect(await ask("shop/a/r", { "x-namespace": "shop" })).toBe(GRPC.unavailable);
  expect(await metrics.registry.getSingleMetricAsString("weft_rate_limit_requests_total")).toContain(
    'outcome="error"} 1',
  );
});
