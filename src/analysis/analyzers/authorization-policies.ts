import type { AuthorizationPolicySpec } from "../../gen/istio/authorization-policy.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { type Analyzer, type Finding, forEach, report } from "../finding.ts";
import { knownNamespaces, namespaceFix } from "../namespaces.ts";
import { covers, inMesh, type PodLike, podLikes, selectorText } from "../workloads.ts";

type Policy = Resource<AuthorizationPolicySpec>;

export const authorizationPolicies: Analyzer = {
  name: "auth.AuthorizationPoliciesAnalyzer",
  description: "Checks the validity of authorization policies",
  inputs: [types.AuthorizationPolicy, types.Namespace, types.Pod],
  codes: ["IST0101", "IST0127"],
  also: ["KIA0004", "KIA0101"],
  step: forEach<AuthorizationPolicySpec>("authorizationPolicies", types.AuthorizationPolicy, (scope, policy) => [
    ...checkWorkloads(scope, policy),
    ...checkNamespaces(scope, policy),
  ]),
};

/** Pods that have a proxy, or will have one. Key: none. */
const proxied: Step<readonly PodLike[]> = {
  name: "analysis/proxiedPods",
  run: (scope) => scope.ask(podLikes, "").filter((pod) => inMesh(scope, pod) || isLocal(pod)),
};

/** A workload that Weft runs on this machine, or will. */
function isLocal(pod: PodLike): boolean {
  const keys = [...Object.keys(pod.labels), ...Object.keys(pod.annotations)];
  return keys.some((key) => key.startsWith("weft.dev/") || key === "security.istio.io/tlsMode");
}

function checkWorkloads(scope: Scope, policy: Policy): Finding[] {
  const { rootNamespace } = scope.ask(mesh, "");
  const meshWide = policy.namespace === rootNamespace;
  const selector = policy.spec.selector?.matchLabels;
  if (policy.spec.targetRefs?.length || policy.spec.targetRef !== undefined) return [];
  if (meshWide && policy.spec.selector === undefined) return [];
  const there = scope.ask(proxied, "").filter((pod) => meshWide || pod.namespace === policy.namespace);
  if (there.some((pod) => covers(selector ?? {}, pod.labels))) return [];
  const fix =
    selector === undefined
      ? "it is in force as soon as a workload is there"
      : "check the labels: no workload has all of them";
  const path = selector === undefined ? ["metadata", "namespace"] : ["spec", "selector", "matchLabels"];
  const also = selector === undefined ? undefined : "KIA0004";
  return [report(policy, "IST0127", [selectorText(selector ?? {})], { path, fix, also })];
}

function checkNamespaces(scope: Scope, policy: Policy): Finding[] {
  const known = scope.ask(knownNamespaces, "");
  const findings: Finding[] = [];
  for (const [i, rule] of (policy.spec.rules ?? []).entries()) {
    for (const [j, from] of (rule.from ?? []).entries()) {
      for (const field of ["namespaces", "notNamespaces"] as const) {
        for (const [k, said] of (from.source?.[field] ?? []).entries()) {
          if (known.some((namespace) => matches(said, namespace))) continue;
          const base = ["spec", "rules", i, "from", j, "source"];
          const fix = namespaceFix(scope, said);
          const place = { path: [...base, field, k], line: [...base, "namespaces", k], fix, also: "KIA0101" as const };
          findings.push(report(policy, "IST0101", ["namespace", said], place));
        }
      }
    }
  }
  return findings;
}

function matches(pattern: string, namespace: string): boolean {
  const [said, name] = [pattern.toLowerCase(), namespace.toLowerCase()];
  if (said === "*") return true;
  if (said.startsWith("*")) return name.endsWith(said.slice(1));
  return said.endsWith("*") ? name.startsWith(said.slice(0, -1)) : said === name;
}
