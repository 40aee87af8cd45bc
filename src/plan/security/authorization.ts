import type { AuthorizationPolicySpec } from "../../gen/istio/authorization-policy.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { type AuthorizationRulePlan, rulesOf } from "./authorization-rule.ts";
import { type AuthorizerPlan, authorizerOf } from "./authorizer.ts";
import { selectsProxy } from "./selects-proxy.ts";
import { inTrustDomains } from "./trust-domains.ts";

/** What a workload's policies say of a request, and where each was written. */
export interface AuthorizationPlan {
  /** Who is asked, and of what, sorted by name. */
  readonly custom: readonly AskPlan[];
  /** What is marked in access logs; empty where no policy has it. It lets nobody in and keeps nobody out. */
  readonly audit: readonly AuthorizationRulePlan[];
  /** Any that matches refuses. */
  readonly deny: ActionPlan;
  /** One must match, where there is any. */
  readonly allow: ActionPlan;
  readonly origins: readonly string[];
}

/** Rules of one action. Absent where no policy has it; empty where policies have no rules, so that nothing matches. */
export interface ActionPlan {
  readonly enforced?: readonly AuthorizationRulePlan[];
  /** What the rules would do is told, and not done. */
  readonly dryRun?: readonly AuthorizationRulePlan[];
}

/** A provider of MeshConfig that is asked for what matches. */
export interface AskPlan {
  readonly provider: string;
  readonly rules: readonly AuthorizationRulePlan[];
  /** Absent where it cannot be asked: what matches is refused. */
  readonly authorizer?: AuthorizerPlan;
}

/** The part of a proxy that its authorization depends on. JSON of it is the key of `authorization`. */
export interface WorkloadKey {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `viewerOf`: whom it may ask. Absent: what its namespace sees. */
  readonly viewer?: string;
}

type Policy = Resource<AuthorizationPolicySpec>;

/** Policies of a workload: of its namespace and of the root namespace. Key: JSON of `WorkloadKey`. */
export const authorization: Step<AuthorizationPlan> = {
  name: "plan/authorization",
  run: (scope, key) => {
    const proxy = JSON.parse(key) as WorkloadKey;
    const { rootNamespace, trustDomain, trustDomainAliases } = scope.ask(mesh, "");
    const domains = [...new Set([trustDomain, ...trustDomainAliases])];
    const rules = (of: readonly Policy[]) => of.flatMap(rulesOf).map((rule) => inTrustDomains(rule, domains));
    const policies = [...new Set([rootNamespace, proxy.namespace])]
      .flatMap((ns) => scope.list<AuthorizationPolicySpec>(types.AuthorizationPolicy, ns))
      .filter((policy) => selectsProxy(scope, policy, proxy));
    const action = (of: readonly Policy[]): ActionPlan => {
      const [dry, enforced] = [of.filter(isDryRun), of.filter((p) => !isDryRun(p))];
      return {
        ...(enforced.length === 0 ? {} : { enforced: rules(enforced) }),
        ...(dry.length === 0 ? {} : { dryRun: rules(dry) }),
      };
    };
    const of = (name: string) => policies.filter((p) => (p.spec.action ?? "ALLOW") === name);
    return {
      custom: asked(scope, proxy, of("CUSTOM"), rules),
      audit: rules(of("AUDIT").filter((p) => !isDryRun(p))),
      deny: action(of("DENY")),
      allow: action(of("ALLOW")),
      origins: policies.map((p) => p.origin.at),
    };
  },
};

function asked(
  scope: Scope,
  { namespace, viewer }: WorkloadKey,
  policies: readonly Policy[],
  rules: (of: readonly Policy[]) => readonly AuthorizationRulePlan[],
): readonly AskPlan[] {
  const enforced = policies.filter((p) => !isDryRun(p));
  const byProvider = Map.groupBy(enforced, ({ spec }) => spec.provider?.name ?? "");
  return [...byProvider.keys()].sort().map((provider) => {
    const found = authorizerOf(scope, viewer ?? namespace, provider);
    return {
      provider,
      rules: rules(byProvider.get(provider) ?? []).map((r) => ({ ...r, id: `istio-ext-authz-${provider}-${r.id}` })),
      ...("problem" in found ? {} : { authorizer: found }),
    };
  });
}

/** What Go takes for true, as Istio does. Of ALLOW and DENY it is told what they would do; the others have no dry run, in Istio neither. */
function isDryRun({ annotations }: Pick<Policy, "annotations">): boolean {
  return ["1", "t", "T", "TRUE", "true", "True"].includes(annotations["istio.io/dry-run"] ?? "");
}
