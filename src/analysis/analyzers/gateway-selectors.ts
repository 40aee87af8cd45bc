import type { Labels } from "../../model/sample.ts";
import { types } from "../../model/types.ts";
import { type Analyzer, forAll, forEach, report } from "../finding.ts";
import { covers, podLikesIn } from "../workloads.ts";

interface Policy {
  readonly selector?: { readonly matchLabels?: Labels };
  readonly targetRef?: unknown;
  readonly targetRefs?: readonly unknown[];
}

const policies = [types.AuthorizationPolicy, types.RequestAuthentication, types.Telemetry, types.WasmPlugin];
const gatewayName = "gateway.networking.k8s.io/gateway-name";

const steps = policies.map((type) =>
  forEach<Policy>(`gatewaySelectors/${type}`, type, (scope, policy) => {
    const { selector, targetRef, targetRefs = [] } = policy.spec;
    if (selector === undefined || targetRef !== undefined || targetRefs.length > 0) return [];
    const pods = scope
      .ask(podLikesIn, policy.namespace)
      .filter((pod) => isWaypoint(pod.labels))
      .filter((pod) => covers(selector.matchLabels ?? {}, pod.labels));
    const names = [...new Set(pods.map((pod) => pod.labels[gatewayName] ?? ""))];
    const fix = "name it in targetRefs";
    return names.map((name) => report(policy, "IST0166", [name], { path: ["spec", "selector"], fix }));
  }),
);

/** A waypoint takes no selectors. The routers of other Gateways do, here as in Istio, though Istio tells of those as well. */
export const gatewaySelectors: Analyzer = {
  name: "k8sgateway.SelectorAnalyzer",
  description: "Check that selectors are effective for Kubernetes gateway",
  inputs: [...policies, types.Pod],
  codes: ["IST0166"],
  step: forAll("gatewaySelectors", (scope) => steps.flatMap((step) => scope.ask(step, ""))),
};

function isWaypoint(labels: Labels): boolean {
  return labels[gatewayName] !== undefined && labels["gateway.istio.io/managed"] === "istio.io-mesh-controller";
}
