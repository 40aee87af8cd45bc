import { expect, it } from "vitest";
import { parse } from "yaml";
import type { TapRequest } from "../../../src/api/contract/tap.ts";
import { allowPolicy } from "./allow.ts";

const denied: TapRequest = {
  at: 0,
  source: { identity: "spiffe://cluster.local/ns/shop/sa/web" },
  destination: { namespace: "shop", workload: "cart-v1", app: "cart", pod: "cart-v1-0" },
  ...{ port: 8080, protocol: "http", mtls: true, verdict: "denied", method: "GET", path: "/items/17" },
  ...{ requestBytes: 0, responseBytes: 19, flags: [] },
};

it("lets in this caller with this request and nothing else, as a dry run first", () => {
  expect(parse(allowPolicy(denied, true) ?? "")).toEqual({
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: {
      name: "allow-web-to-cart",
      namespace: "shop",
      annotations: { "istio.io/dry-run": "true" },
    },
    spec: {
      selector: { matchLabels: { app: "cart" } },
      action: "ALLOW",
      rules: [
        {
          from: [{ source: { principals: ["cluster.local/ns/shop/sa/web"] } }],
          to: [{ operation: { methods: ["GET"], paths: ["/items/17"], ports: ["8080"] } }],
        },
      ],
    },
  });
  expect(parse(allowPolicy(denied, false) ?? "").metadata.annotations).toBeUndefined();
});

it("offers none where it would be of no use", () => {
  const { source: _, ...rest } = denied;
  expect(allowPolicy({ ...denied, verdict: "allowed" }, true)).toBeUndefined();
  expect(allowPolicy({ ...denied, policy: { namespace: "shop", name: "no", rule: 0 } }, true)).toBeUndefined();
  expect(allowPolicy({ ...rest, source: { address: "10.0.0.7" } }, true)).toBeUndefined();
});
