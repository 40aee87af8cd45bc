import { expect, test } from "vitest";
import { parseKind, pluralOf } from "./kinds.ts";

test.each([
  ["vs", "VirtualService.networking.istio.io"],
  ["VirtualServices", "VirtualService.networking.istio.io"],
  ["destinationrule", "DestinationRule.networking.istio.io"],
  ["svc", "Service"],
  ["deployments", "Deployment.apps"],
  ["authorizationpolicies", "AuthorizationPolicy.security.istio.io"],
  ["gateways", "Gateway.networking.istio.io"],
  ["gateways.gateway.networking.k8s.io", "Gateway.gateway.networking.k8s.io"],
  ["serviceentries.networking.istio.io", "ServiceEntry.networking.istio.io"],
])("%s is %s", (word, type) => expect(parseKind(word, [])).toBe(type));

test("a name of two groups means what the mesh has", () => {
  expect(parseKind("gateways", ["Gateway.gateway.networking.k8s.io"])).toBe("Gateway.gateway.networking.k8s.io");
});

test("a slip of the hand is named", () => {
  expect(() => parseKind("virtualservics", [])).toThrow('"virtualservics" is no kind of object');
});

test.each([
  ["Ingress.networking.k8s.io", "ingresses"],
  ["Endpoints", "endpoints"],
  ["AuthorizationPolicy.security.istio.io", "authorizationpolicies"],
  ["Gateway.networking.istio.io", "gateways"],
])("the plural of %s is %s", (type, plural) => expect(pluralOf(type)).toBe(plural));
