import { deepStrictEqual, match, strictEqual } from "node:assert";
import { test } from "vitest";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Condition } from "./condition.ts";
import { type Held, istioStatus } from "./istio-status.ts";
import { isUrgent } from "./urgency.ts";

const condition = (type: string, held: Held | undefined, findings: readonly Diagnostic[] = []) =>
  (istioStatus(held, findings)["conditions"] as readonly Condition[]).find((c) => c.type === type);
const ref = { type: "VirtualService.networking.istio.io", namespace: "shop", name: "a" };
const wanted = (held: Held, generation = 1) => ({ ref, generation, status: istioStatus(held, []) });

test("how many proxies are up to date, and what Envoy said", () => {
  strictEqual(condition("Reconciled", { total: 40, acked: 38 })?.message, "38/40 proxies up to date.");
  strictEqual(condition("Reconciled", { total: 40, acked: 38 })?.status, "False");
  strictEqual(condition("Reconciled", { total: 40, acked: 40 })?.status, "True");
  strictEqual(condition("Reconciled", undefined)?.reason, "NoProxies");
  const refused = { resource: "RDS 9080", error: "no such cluster", proxies: 2 };
  match(
    condition("Reconciled", { total: 40, acked: 38, refused })?.message ?? "",
    /RDS 9080 in 2 of them.*no such cluster/,
  );
});

test("what analysis found, by Istio's codes", () => {
  const finding: Diagnostic = {
    code: "IST0101",
    level: "Error",
    path: ["spec", "http", 0],
    message: "no host",
    fix: "add it",
  };
  strictEqual(condition("PassedAnalysis", undefined, [finding])?.message, "spec.http[0]: no host; add it (IST0101).");
  deepStrictEqual(istioStatus(undefined, [finding, finding])["validationMessages"], [
    {
      type: { code: "IST0101", name: "ReferencedResourceNotFound" },
      level: "ERROR",
      documentationUrl: "https://istio.io/latest/docs/reference/config/analysis/ist0101/",
    },
  ]);
  strictEqual(condition("PassedAnalysis", undefined, [{ ...finding, level: "Warning" }])?.status, "True");
});

test("a Pod that starts is not worth a write to every object; a condition that turns is", () => {
  strictEqual(isUrgent(wanted({ total: 40, acked: 40 }), wanted({ total: 41, acked: 41 })), false);
  strictEqual(isUrgent(wanted({ total: 40, acked: 40 }), wanted({ total: 40, acked: 39 })), true);
  strictEqual(isUrgent(wanted({ total: 40, acked: 40 }), wanted({ total: 40, acked: 40 }, 2)), true);
  strictEqual(isUrgent(undefined, wanted({ total: 40, acked: 40 })), true);
});
