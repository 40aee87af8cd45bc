import { deepStrictEqual } from "node:assert";
import { test } from "vitest";
import type { Resource } from "../../model/resource.ts";
import { apply, empty } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import { Tracker } from "../../track/tracker.ts";
import { inboundMtls } from "./peer-authentication.ts";

function policy(name: string, createdAt: number, spec: object, namespace = "shop"): Resource {
  const origin = { file: name, line: 1, column: 1, at: name, locate: () => origin };
  return {
    ...{ type: types.PeerAuthentication, namespace, name, apiVersion: "security.istio.io/v1", spec, createdAt, origin },
    ...{ labels: {}, annotations: {}, generation: 1 },
  };
}

function of(...policies: readonly Resource[]) {
  const tracker = new Tracker(
    apply(
      empty,
      policies.map((put) => ({ put })),
    ),
  );
  return tracker.ask(inboundMtls, JSON.stringify({ namespace: "shop", labels: { app: "bank" } }));
}

const mtls = (mode: string) => ({ mtls: { mode } });
const selector = { matchLabels: { app: "bank" } };

test("of two for the same the older one counts, whatever their names", () => {
  const both = [policy("a", 2000, mtls("PERMISSIVE")), policy("b", 1000, mtls("STRICT"))] as const;
  deepStrictEqual(of(...both), { mode: "STRICT", ports: {}, origins: ["b"] });
  const chosen = [
    policy("c", 2000, { selector, ...mtls("PERMISSIVE") }),
    policy("d", 1000, { selector, ...mtls("DISABLE") }),
  ] as const;
  deepStrictEqual(of(...both, ...chosen), { mode: "DISABLE", ports: {}, origins: ["d", "b"] });
});

test("one with a selector in the root namespace is for workloads there, not for the mesh", () => {
  deepStrictEqual(of(policy("a", 0, { selector, ...mtls("STRICT") }, "istio-system")).mode, "PERMISSIVE");
});

test("ports of another policy than the one that counts say nothing", () => {
  const younger = policy("a", 2000, { selector, portLevelMtls: { 80: { mode: "DISABLE" } } });
  deepStrictEqual(of(younger, policy("b", 1000, { selector, ...mtls("STRICT") })), {
    ...{ mode: "STRICT", ports: {}, origins: ["b"] },
  });
});

test("in the root namespace itself nothing stands between workload and mesh", () => {
  const tracker = new Tracker(apply(empty, [{ put: policy("a", 0, mtls("STRICT"), "istio-system") }]));
  const key = JSON.stringify({ namespace: "istio-system", labels: {} });
  deepStrictEqual(tracker.ask(inboundMtls, key), { mode: "STRICT", ports: {}, origins: ["a"] });
});
