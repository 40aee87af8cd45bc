import type { AuthorizationPolicySpec } from "../../gen/istio/authorization-policy.ts";
import type { TelemetrySpec } from "../../gen/istio/telemetry.ts";
import { kindOf, type Type } from "../../model/resource.ts";
import type { Labels } from "../../model/sample.ts";
import { types } from "../../model/types.ts";
import type { Step } from "../../track/scope.ts";
import { isAmbient, lacksWaypoint, namespaceLabels, readsRequests, tellsOfRequests } from "../ambient.ts";
import { type Analyzer, type Finding, forAll, forEach, kialiReport } from "../finding.ts";
import type { KialiCode } from "../kiali.ts";

interface Policy {
  readonly selector?: { readonly matchLabels?: Labels };
  readonly targetRef?: unknown;
  readonly targetRefs?: readonly unknown[];
}

/** Policies that waypoints keep: which of them, and Kiali's codes for those that no waypoint takes. */
function ofKind(type: Type, noWaypoint: KialiCode, noTarget: KialiCode, isOne: (spec: Policy) => boolean) {
  return forEach<Policy>(`ambientPolicies/${type}`, type, (scope, policy): readonly Finding[] => {
    const labels = namespaceLabels(scope, policy.namespace);
    if (!isAmbient({}, labels) || !isOne(policy.spec)) return [];
    const { selector, targetRef, targetRefs = [] } = policy.spec;
    const path = ["spec", ...(selector === undefined ? [] : ["selector"])];
    const found: Finding[] = [];
    if (targetRef === undefined && targetRefs.length === 0)
      found.push(kialiReport(policy, noTarget, `this ${kindOf(type)} names no target`, path));
    if (lacksWaypoint(scope, policy.namespace, selector?.matchLabels ?? {}))
      found.push(
        kialiReport(policy, noWaypoint, `namespace ${policy.namespace} has no such label`, ["metadata", "namespace"]),
      );
    return found;
  });
}

const steps: readonly Step<readonly Finding[]>[] = [
  ofKind(types.AuthorizationPolicy, "KIA0109", "KIA0110", (spec) => readsRequests(spec as AuthorizationPolicySpec)),
  ofKind(types.RequestAuthentication, "KIA1110", "KIA1115", () => true),
  ofKind(types.WasmPlugin, "KIA1111", "KIA1116", () => true),
  ofKind(types.Telemetry, "KIA1112", "KIA1117", (spec) => tellsOfRequests(spec as TelemetrySpec)),
];

export const ambientPolicies: Analyzer = {
  name: "ambient.PolicyAnalyzer",
  description: "Checks that policies about requests name a target, and are for what uses a waypoint, in ambient mode",
  inputs: [
    ...[types.AuthorizationPolicy, types.RequestAuthentication, types.WasmPlugin, types.Telemetry],
    types.Namespace,
  ],
  codes: ["KIA0109", "KIA0110", "KIA1110", "KIA1111", "KIA1112", "KIA1115", "KIA1116", "KIA1117"],
  step: forAll("ambientPolicies", (scope) => steps.flatMap((step) => scope.ask(step, ""))),
};
