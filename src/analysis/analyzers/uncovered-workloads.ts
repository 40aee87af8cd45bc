import type { AuthorizationPolicySpec } from "../../gen/istio/authorization-policy.ts";
import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import type { Scope } from "../../track/scope.ts";
import { type Analyzer, forAll, forEach, kialiReport } from "../finding.ts";
import { covers, type DeploymentSpec, isSystemNamespace } from "../workloads.ts";

const workloads = [types.Deployment, "StatefulSet.apps", "DaemonSet.apps"];

const steps = workloads.map((type) =>
  forEach<DeploymentSpec>(`uncoveredWorkloads/${type}`, type, (scope, workload) => {
    const { namespace, spec } = workload;
    if (isSystemNamespace(namespace) || namespace === scope.ask(mesh, "").rootNamespace) return [];
    if (isCovered(scope, namespace, spec.template?.metadata?.labels ?? {})) return [];
    const detail = "everybody may call it";
    return [
      kialiReport(workload, "KIA1301", detail, ["metadata", "name"], "weft policy suggests one from its callers"),
    ];
  }),
);

function isCovered(scope: Scope, namespace: string, labels: Readonly<Record<string, string>>): boolean {
  return [namespace, scope.ask(mesh, "").rootNamespace].some((where) =>
    scope
      .list<AuthorizationPolicySpec>(types.AuthorizationPolicy, where)
      .some(({ spec }) => !spec.targetRefs?.length && covers(spec.selector?.matchLabels ?? {}, labels)),
  );
}

/** As with Kiali: left out unless it is asked for, as few meshes have a policy for each workload. */
export const uncoveredWorkloads: Analyzer = {
  name: "auth.CoverageAnalyzer",
  description: "Lists workloads that no authorization policy is for",
  inputs: [...workloads, types.AuthorizationPolicy],
  codes: ["KIA1301"],
  optional: true,
  step: forAll("uncoveredWorkloads", (scope) => steps.flatMap((step) => scope.ask(step, ""))),
};
