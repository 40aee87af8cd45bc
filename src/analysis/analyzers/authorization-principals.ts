import type { AuthorizationPolicySpec } from "../../gen/istio/authorization-policy.ts";
import type { FieldPath } from "../../model/origin.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import { closest } from "../../std/closest.ts";
import type { Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forEach, kialiReport } from "../finding.ts";
import { knownAccounts } from "../identities.ts";

type Policy = Resource<AuthorizationPolicySpec>;

/** Identities in rules that no caller has. */
export const authorizationPrincipals: Analyzer = {
  name: "auth.PolicyPrincipalAnalyzer",
  description: "Checks that workloads have the identities that rules of policies name",
  inputs: [types.AuthorizationPolicy, types.Pod, types.Deployment, types.ServiceAccount],
  codes: ["KIA0106", "KIA0108"],
  step: forEach<AuthorizationPolicySpec>("authorizationPrincipals", types.AuthorizationPolicy, (scope, policy) =>
    (policy.spec.rules ?? []).flatMap((rule, i) =>
      (rule.from ?? []).flatMap(({ source = {} }, j) => {
        const at = (field: string, k: number): FieldPath => ["spec", "rules", i, "from", j, "source", field, k];
        const { principals = [], serviceAccounts = [] } = source;
        const first = principals.flatMap((said, k) => ofPrincipal(scope, policy, said, at("principals", k)));
        const second = serviceAccounts.flatMap((said, k) => ofAccount(scope, policy, said, at("serviceAccounts", k)));
        return [...asAlternatives(first, principals.length), ...asAlternatives(second, serviceAccounts.length)];
      }),
    ),
  ),
};

function ofPrincipal(scope: Scope, policy: Policy, said: string, path: FieldPath): Finding[] {
  const { trustDomain, trustDomainAliases } = scope.ask(mesh, "");
  const domains = [trustDomain, ...trustDomainAliases];
  const accounts = [...scope.ask(knownAccounts, "")];
  const all = domains.flatMap((domain) => accounts.map((account) => `${domain}/ns/${account.replace("/", "/sa/")}`));
  if (all.some((identity) => isMeant(said, identity))) return [];
  const [, domain, namespace, name] = /^([^/]+)\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(said) ?? [];
  if (domain !== undefined && !said.includes("*") && !domains.includes(domain)) {
    const fix = `the mesh's trust domain is ${trustDomain}; trustDomainAliases of MeshConfig names others that are trusted`;
    return [kialiReport(policy, "KIA0108", `nothing is known of trust domain ${domain}`, path, fix)];
  }
  if (said.startsWith("spiffe://"))
    return [kialiReport(policy, "KIA0106", `"${said}" matches nobody`, path, "leave spiffe:// out")];
  const meant = closest(said, all);
  const fix = meant === undefined ? "check the namespace and the ServiceAccount" : `did you mean "${meant}"?`;
  const finding = kialiReport(policy, "KIA0106", `no workload runs as "${said}"`, path, fix);
  return [namespace === undefined || name === undefined ? finding : asSure(scope, finding, namespace)];
}

/** `ACCOUNT`, of the policy's namespace, or `NAMESPACE/ACCOUNT`. */
function ofAccount(scope: Scope, policy: Policy, said: string, path: FieldPath): Finding[] {
  if (said.includes("*")) return [];
  const account = said.includes("/") ? said : `${policy.namespace}/${said}`;
  const known = scope.ask(knownAccounts, "");
  if (known.has(account)) return [];
  const meant = closest(account, known);
  const fix = meant === undefined ? "check the namespace and the name" : `did you mean "${meant}"?`;
  const finding = kialiReport(policy, "KIA0106", `no workload runs as "${said}"`, path, fix);
  return [asSure(scope, finding, account.slice(0, account.indexOf("/")))];
}

/** Who writes down each name that a caller may have means the one that it has: beside one that is there, others are only to be noted. */
function asAlternatives(findings: readonly Finding[], names: number): readonly Finding[] {
  return findings.length === names ? findings : findings.map((finding) => ({ ...finding, level: "Info" }));
}

/** Where a namespace's ServiceAccounts are not read, a Job that runs now and then may have one that nobody runs as now. */
function asSure(scope: Scope, finding: Finding, namespace: string): Finding {
  return scope.names(types.ServiceAccount, namespace).length > 0 ? finding : { ...finding, level: "Warning" };
}

function isMeant(said: string, identity: string): boolean {
  if (said === "*") return true;
  if (said.endsWith("*")) return identity.startsWith(said.slice(0, -1));
  return said.startsWith("*") ? identity.endsWith(said.slice(1)) : identity === said;
}
