import { expect, test } from "vitest";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { CertificateSummary, CertificatesAnswer } from "../contract/certificates.ts";
import { calmMesh, pod, proxy } from "../testdata/bookinfo.ts";
import { ask, start } from "../testdata/served.ts";
import { meshChecks } from "./mesh-checks.ts";

const now = 1_700_000_000_000;
const well: CertificatesAnswer = { items: [], silent: [] };
const bad = (over: Parameters<typeof calmMesh>[0], more: object = {}) =>
  meshChecks({ state: calmMesh(over), now, certificates: well, ...more })
    .filter((c) => c.outcome !== "ok")
    .map((c) => `${c.outcome} ${c.name}: ${c.says}`);
const finding = (code: string, message: string): Diagnostic => ({ code, level: "Error", message, fix: "mend it" });

test("a calm mesh passes every check, and the API tells of each", async () => {
  expect(bad({})).toEqual([]);
  await start({ certificates: () => Promise.resolve(well) });
  const { status, json } = await ask("/api/v1/check");
  expect(status).toBe(200);
  expect(json.items.length).toBeGreaterThan(12);
  expect(new Set(json.items.map((item: { outcome: string }) => item.outcome))).toEqual(new Set(["ok"]));
});

test("without an authority nothing is asked of it", () => {
  const all = meshChecks({ state: calmMesh(), now });
  expect(all.find((c) => c.category === "certificates")?.outcome).toBe("skipped");
});

test.each<[string, Parameters<typeof calmMesh>[0], string]>([
  [
    "a source that is lost",
    { diagnostics: () => [finding("WEFT0037", "stale since noon")] },
    "failed what it reads is of now: stale since noon",
  ],
  [
    "a refused object",
    { diagnostics: () => [finding("IST0101", "no such host")] },
    "failed no object has an error: 1 errors, each of which leaves its object without effect: : no such host (IST0101)",
  ],
  [
    "a lost proxy",
    { proxies: () => [proxy("reviews-v1", {}, { connected: false })], pods: () => [] },
    "failed they are connected: 1 are not connected; they go on with what they have: reviews-v1-0.default",
  ],
  [
    "a refusal",
    { proxies: () => [proxy("reviews-v1", { CDS: { sent: 2, acked: 1, error: "no" } })], pods: () => [] },
    "failed they are in sync: 1 refused a part of their configuration: reviews-v1-0.default",
  ],
  [
    "an old Envoy",
    { proxies: () => [proxy("reviews-v1", undefined, { envoyVersion: "1.38.0" })], pods: () => [] },
    "failed their Envoys have no known vulnerabilities: 1.38.0 has CVE-2026-47774, CVE-2026-47778, CVE-2026-48044",
  ],
  [
    "a Pod that is not ready",
    { pods: () => [pod("reviews-v1", 0, { ready: false, message: "exited with code 1" })] },
    "warning their replicas are ready: 1 are not ready: reviews-v1-0.default (exited with code 1)",
  ],
  [
    "a workload without a proxy",
    { proxies: () => [], pods: () => [pod("reviews-v1")] },
    "warning a proxy stands beside each: 1 have none: their traffic is neither encrypted nor measured where it ends: default/reviews-v1",
  ],
])("%s is told", (_, over, says) => expect(bad(over)).toContain(says));

test("certificates that nobody renews, and an authority that cannot, are told", () => {
  const day = 86_400_000;
  const of = (kind: CertificateSummary["kind"], days: number, more = {}): CertificateSummary => ({
    kind,
    name: kind,
    subject: "",
    serial: "1",
    issuer: "",
    notBefore: 0,
    notAfter: now + days * day,
    renewed: false,
    holders: ["Secret a/b"],
    ...more,
  });
  const certificates: CertificatesAnswer = {
    items: [of("root", 20, { state: "active" }), of("gateway", 3), of("gateway", 30)],
    silent: [],
    trouble: "the key is lost",
    failed: [{ identity: "spiffe://x", at: now, error: "no entropy" }],
  };
  expect(bad({}, { certificates, historyError: "disk full" })).toEqual([
    "warning traffic's history is kept on disk: the last minutes are kept in memory alone: disk full",
    "failed the authority can sign: the key is lost",
    "failed every renewal succeeded: 1 were to have a new certificate and have the old one still: spiffe://x (no entropy)",
    "warning the root lasts for 30 days: 1 ends soon: root",
    "warning certificates that gateways show last for a week: 1 end within a week: gateway (Secret a/b)",
  ]);
});
