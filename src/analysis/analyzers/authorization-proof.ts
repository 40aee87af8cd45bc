import type { AuthorizationPolicySpec, AuthorizationSource } from "../../gen/istio/authorization-policy.ts";
import type { FieldPath } from "../../model/origin.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { authorizerOf } from "../../plan/security/authorizer.ts";
import { inboundMtls } from "../../plan/security/peer-authentication.ts";
import type { Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forEach, ownReport } from "../finding.ts";

type Policy = Resource<AuthorizationPolicySpec>;

/** Who is to be asked, and cannot be. */
export const authorizers: Analyzer = {
  name: "auth.AuthorizerAnalyzer",
  description: "Checks that the providers that policies ask are there",
  inputs: [types.AuthorizationPolicy, types.Service, types.ServiceEntry],
  codes: ["WEFT0121"],
  step: forEach<AuthorizationPolicySpec>("authorizers", types.AuthorizationPolicy, (scope, policy) => {
    const { action, provider } = policy.spec;
    if (action !== "CUSTOM") return [];
    const found = authorizerOf(scope, policy.namespace, provider?.name ?? "");
    if (!("problem" in found)) return [];
    return [
      ownReport(policy, "WEFT0121", `what it matches is refused: ${found.problem}`, ["spec", "provider", "name"]),
    ];
  }),
};

/** Fields about an identity where callers need not prove any. */
export const provenIdentities: Analyzer = {
  name: "auth.PolicyIdentityAnalyzer",
  description: "Checks that callers must prove the identity that policies ask for",
  inputs: [types.AuthorizationPolicy, types.PeerAuthentication],
  codes: ["WEFT0122"],
  step: forEach<AuthorizationPolicySpec>("provenIdentities", types.AuthorizationPolicy, (scope, policy) =>
    isStrict(scope, policy) ? [] : unproven(policy),
  ),
};

const fields = {
  ALLOW: ["notPrincipals", "notNamespaces", "notServiceAccounts", "notTrustDomains"],
  DENY: ["principals", "namespaces", "serviceAccounts", "trustDomains"],
} as const satisfies Readonly<Record<string, readonly (keyof AuthorizationSource)[]>>;

const keys = ["source.principal", "source.namespace", "source.serviceAccount", "source.trustDomain"];

function isStrict(scope: Scope, { namespace, spec }: Policy): boolean {
  const labels = spec.selector?.matchLabels ?? {};
  const { mode, ports } = scope.ask(inboundMtls, JSON.stringify({ namespace, labels }));
  return mode === "STRICT" && Object.values(ports).every((port) => port === "STRICT");
}

function unproven(policy: Policy): readonly Finding[] {
  const { action = "ALLOW", rules = [], targetRef, targetRefs = [] } = policy.spec;
  // At gateways nobody has an identity of the mesh.
  if ((action !== "ALLOW" && action !== "DENY") || targetRef !== undefined || targetRefs.length > 0) return [];
  const why =
    action === "ALLOW"
      ? "it does not hold for callers without a certificate, and mutual TLS is not STRICT here"
      : "it refuses callers without a certificate, too, and mutual TLS is not STRICT here";
  const said = (values: readonly string[] | undefined) =>
    values !== undefined && values.length > 0 && (action === "DENY" || !values.includes("*"));
  const found = rules.flatMap((rule, i): readonly FieldPath[] => [
    ...(rule.from ?? []).flatMap(({ source = {} }, j) =>
      fields[action].filter((f) => said(source[f])).map((f) => ["spec", "rules", i, "from", j, "source", f]),
    ),
    ...(rule.when ?? []).flatMap((when, j) => {
      const field = action === "ALLOW" ? "notValues" : "values";
      return keys.includes(when.key) && said(when[field]) ? [["spec", "rules", i, "when", j, field]] : [];
    }),
  ]);
  return found.map((path) => ownReport(policy, "WEFT0122", `${path.at(-1)}: ${why}`, path));
}
