import { expect, test } from "vitest";
import { apply, empty } from "../../model/snapshot.ts";
import { parseText } from "../../sources/text/text.ts";
import { Tracker } from "../../track/tracker.ts";
import type { Analyzer } from "../finding.ts";
import { authorizers, provenIdentities } from "./authorization-proof.ts";

/** What an analyser tells of a policy of namespace `shop`, with more objects. */
function told(analyzer: Analyzer, spec: object, ...more: readonly object[]): readonly string[] {
  const policy = {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { namespace: "shop", name: "p" },
    spec,
  };
  const { resources } = parseText("a.yaml", [policy, ...more].map((o) => JSON.stringify(o)).join("\n---\n"));
  const tracker = new Tracker(
    apply(
      empty,
      resources.map((put) => ({ put })),
    ),
  );
  return tracker.ask(analyzer.step, "").map(({ code, path = [], message }) => `${code} ${path.join(".")}: ${message}`);
}

const peer = (mode: string, spec: object = {}) => ({
  ...{ apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", metadata: { namespace: "shop", name: "m" } },
  spec: { mtls: { mode }, ...spec },
});
const from = (source: object) => [{ from: [{ source }] }];

test.each([
  [
    "a negated field that allows",
    { rules: from({ notNamespaces: ["bad"] }) },
    "spec.rules.0.from.0.source.notNamespaces: notNamespaces: it does not hold for callers without a certificate",
  ],
  [
    "a field that denies",
    { action: "DENY", rules: from({ principals: ["*"] }) },
    "spec.rules.0.from.0.source.principals: principals: it refuses callers without a certificate, too",
  ],
  [
    "a condition",
    { rules: [{ when: [{ key: "source.principal", notValues: ["a"] }] }] },
    "spec.rules.0.when.0.notValues: notValues: it does not hold for callers without a certificate",
  ],
])("%s is told where callers need no certificate", (_, spec, words) => {
  const warned = [`WEFT0122 ${words}, and mutual TLS is not STRICT here`];
  expect(told(provenIdentities, spec)).toEqual(warned);
  expect(told(provenIdentities, spec, peer("PERMISSIVE"))).toEqual(warned);
  expect(told(provenIdentities, spec, peer("STRICT"))).toEqual([]);
});

test.each([
  ["a field that allows", { rules: from({ namespaces: ["good"] }) }],
  ["those who have none", { rules: from({ notPrincipals: ["*"] }) }],
  ["a negated field that denies", { action: "DENY", rules: from({ notNamespaces: ["good"] }) }],
  [
    "a gateway",
    {
      action: "DENY",
      targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "g" }],
      rules: from({ namespaces: ["bad"] }),
    },
  ],
])("%s is not", (_, spec) => {
  expect(told(provenIdentities, spec)).toEqual([]);
});

test("a port that takes plaintext counts", () => {
  const labels = { matchLabels: { app: "a" } };
  const spec = { selector: labels, rules: from({ notNamespaces: ["bad"] }) };
  const open = peer("STRICT", { selector: labels, portLevelMtls: { 8080: { mode: "DISABLE" } } });
  expect(told(provenIdentities, spec, open)).toHaveLength(1);
});

test("a provider that cannot be asked is told", () => {
  const spec = { action: "CUSTOM", provider: { name: "opa" }, rules: [{}] };
  expect(told(authorizers, spec)).toEqual([
    'WEFT0121 spec.provider.name: what it matches is refused: MeshConfig has no extension provider "opa" that can be asked for authorization',
  ]);
  expect(told(authorizers, { rules: [{}] })).toEqual([]);
});
