import { describe, expect, test } from "vitest";
import type { Diagnostic } from "../model/diagnostic.ts";
import { configDetail, configObjects } from "./config-list.ts";
import { findingsOf } from "./findings.ts";
import { calmMesh, object, snapshotOf } from "./testdata/bookinfo.ts";

describe("configuration", () => {
  const written = "apiVersion: networking.istio.io/v1\nkind: VirtualService # as written\n";
  const reviews = object("VirtualService", "reviews", { hosts: ["reviews"] });
  const withText = { ...reviews, name: "texted", origin: { ...reviews.origin, text: () => written } };
  const secret = object("Secret", "tls", undefined, {
    apiVersion: "v1",
    data: { type: "kubernetes.io/tls", data: { "tls.key": "c2VjcmV0" } },
    annotations: { "kubectl.kubernetes.io/last-applied-configuration": "c2VjcmV0" },
    origin: { ...reviews.origin, text: () => "tls.key: c2VjcmV0" },
  });
  const diagnostics: Diagnostic[] = [
    { code: "IST0133", level: "Warning", about: reviews, message: "be careful" },
    {
      code: "WEFT0012",
      level: "Error",
      about: reviews,
      path: ["spec", "htttp"],
      message: 'unknown field "htttp"',
      fix: 'write "http"',
    },
    { code: "WEFT0001", level: "Error", position: { file: "broken.yaml", line: 4, column: 1 }, message: "not YAML" },
  ];
  const state = calmMesh({
    snapshot: () => snapshotOf(reviews, withText, secret, object("Pod", "reviews-v1-0", {}, { apiVersion: "v1" })),
    diagnostics: () => diagnostics,
    holders: () => new Map([["reviews.yaml:3:1", { total: 3, acked: 2 }]]),
  });

  test("lists objects with what was found about them and who holds them, and no pods", () => {
    expect(configObjects(state).map((o) => [o.type, o.name, o.at, o.diagnostics.length, o.proxies])).toEqual([
      ["Secret", "tls", "reviews.yaml:3:1", 0, { total: 3, acked: 2 }],
      ["VirtualService.networking.istio.io", "reviews", "reviews.yaml:3:1", 2, { total: 3, acked: 2 }],
      ["VirtualService.networking.istio.io", "texted", "reviews.yaml:3:1", 0, { total: 3, acked: 2 }],
    ]);
  });

  test("shows an object's own text, or YAML as kubectl prints it, and never a Secret's values", () => {
    expect(configDetail(state, { ...reviews, name: "texted" })?.yaml).toBe(written);
    expect(configDetail(state, reviews)?.yaml).toBe(
      "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: reviews\n  namespace: default\nspec:\n  hosts:\n    - reviews\n",
    );
    const shown = configDetail(state, secret)?.yaml;
    expect(shown).toContain("tls.key: (hidden)");
    expect(shown).not.toContain("c2VjcmV0");
    expect(configDetail(state, { ...reviews, name: "none" })).toBeUndefined();
  });

  test("findings come errors first, with their place", () => {
    expect(findingsOf(diagnostics, state.snapshot()).map((f) => [f.level, f.origin, f.at, f.field])).toEqual([
      ["Error", "broken.yaml", "broken.yaml:4:1", undefined],
      ["Error", "VirtualService default/reviews", "reviews.yaml:7:9", "spec.htttp"],
      ["Warning", "VirtualService default/reviews", "reviews.yaml:3:1", undefined],
    ]);
  });
});
