import { deepStrictEqual } from "node:assert";
import { test } from "vitest";
import { apply, empty } from "../../model/snapshot.ts";
import { parseText } from "../../sources/text/text.ts";
import { Tracker } from "../../track/tracker.ts";
import { peerAuthenticationCallers, peerAuthenticationConflicts } from "./peer-authentications.ts";

const mesh = `
apiVersion: v1
kind: Service
metadata: {name: bank, namespace: shop}
spec: {selector: {app: bank}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: bank-1, namespace: shop, labels: {app: bank, version: v1}}
spec: {containers: [{name: app}]}
---
apiVersion: v1
kind: Pod
metadata: {name: bank-2, namespace: shop, labels: {app: bank, version: v2}}
spec: {containers: [{name: app}]}
---
apiVersion: v1
kind: Pod
metadata: {name: bare, namespace: shop, labels: {app: bank, version: v3, sidecar.istio.io/inject: "false"}}
spec: {containers: [{name: app}]}
`;

const peers = (name: string, spec: string, namespace = "shop") =>
  `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}\n`;
const rule = (spec: string) =>
  `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: bank, namespace: shop}\nspec: ${spec}\n`;

function told(...texts: readonly string[]): readonly string[] {
  const { resources } = parseText("a.yaml", [mesh, ...texts].join("\n---\n"));
  const tracker = new Tracker(
    apply(
      empty,
      resources.map((put) => ({ put })),
    ),
  );
  const steps = [peerAuthenticationConflicts.step, peerAuthenticationCallers.step];
  return steps.flatMap((step) => tracker.ask(step, "").map((f) => `${f.code} ${f.about.name}: ${f.message}`));
}

test("of two for a namespace the first by age and name holds", () => {
  deepStrictEqual(told(peers("b", "{mtls: {mode: STRICT}}"), peers("a", "{}"), peers("c", "{}", "other")), [
    "WEFT0115 b: PeerAuthentication shop/a is older and holds for namespace shop; this one does nothing there",
  ]);
});

test("two with selectors contradict each other only where they meet", () => {
  const v = (name: string, version: string) => peers(name, `{selector: {matchLabels: {version: ${version}}}}`);
  deepStrictEqual(told(v("a", "v1"), v("b", "v2")), []);
  deepStrictEqual(told(v("b", "v1"), peers("c", "{selector: {matchLabels: {app: bank}}}"), v("a", "v2")), [
    "WEFT0115 c: PeerAuthentication shop/b is older and holds for bank-1; this one does nothing there",
  ]);
});

test("callers that speak plaintext, or TLS of their own, where mutual TLS is demanded", () => {
  const strict = peers("default", "{mtls: {mode: STRICT}}", "istio-system");
  for (const mode of ["DISABLE", "SIMPLE", "MUTUAL"])
    deepStrictEqual(told(strict, rule(`{host: bank, trafficPolicy: {tls: {mode: ${mode}}}}`)), [
      `WEFT0116 bank: callers speak ${mode} to bank.shop.svc.cluster.local, where bank-1 takes mutual TLS of the mesh alone (a.yaml:23:1)`,
    ]);
  deepStrictEqual(told(strict, rule("{host: bank, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}")), []);
  deepStrictEqual(told(strict, rule("{host: bank}")), []);
});

test("callers of a subset that speak mutual TLS where there is none", () => {
  const off = peers("v2", "{selector: {matchLabels: {version: v2}}, mtls: {mode: DISABLE}}");
  const subset = (version: string) =>
    rule(
      `{host: bank, subsets: [{name: s, labels: {version: ${version}}, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}]}`,
    );
  deepStrictEqual(told(off, subset("v1")), []);
  deepStrictEqual(told(off, subset("v2")), [
    "WEFT0116 bank: callers speak ISTIO_MUTUAL to bank.shop.svc.cluster.local, where bank-2 takes no mutual TLS (a.yaml:23:1)",
  ]);
});

test("a workload without a proxy takes what it takes", () => {
  const strict = peers("default", "{mtls: {mode: STRICT}}");
  deepStrictEqual(
    told(
      strict,
      rule("{host: bank, subsets: [{name: s, labels: {version: v3}, trafficPolicy: {tls: {mode: DISABLE}}}]}"),
    ),
    [],
  );
});
