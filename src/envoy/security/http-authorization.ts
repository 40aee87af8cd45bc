import type { Any } from "@bufbuild/protobuf/wkt";
import { RBACSchema } from "../../gen/envoy/extensions/filters/http/rbac/v3/rbac_pb.js";
import type { ActionPlan, AskPlan, AuthorizationPlan } from "../../plan/security/authorization.ts";
import type { AuthorizationRulePlan } from "../../plan/security/authorization-rule.ts";
import { packed } from "../any.ts";
import type { NamedFilter } from "../filter-chain.ts";
import { askedPrefix, httpExtAuthz } from "./ext-authz.ts";
import { type Reading, rbac, repeatedHeaders } from "./rbac.ts";
import { joinedHeaders } from "./repeated-header.ts";

/**
 * A workload's authorization of requests, in Istio's order: who is to be asked, what is marked, what is refused, what is let in. Where no policy is,
 * nothing is. Each writes what it found into metadata of `envoy.filters.http.rbac`: `enforced_effective_policy_id` and `enforced_engine_result` of
 * the last that decided, `istio_audit_enforced_...` of what is marked, `istio_dry_run_{deny,allow}_shadow_...` of dry runs.
 */
export function httpAuthorizationFilters(plan: AuthorizationPlan, deniesUnknown: boolean): readonly NamedFilter[] {
  const { custom, audit, deny, allow } = plan;
  const reading = (action: Reading["action"]): Reading => ({ action, protocol: "http", deniesUnknown });
  const rules = (of: ActionPlan) => [...(of.enforced ?? []), ...(of.dryRun ?? [])];
  const headers = new Set([
    ...repeatedHeaders([...custom.flatMap((ask) => ask.rules), ...audit, ...rules(deny)], "DENY"),
    ...repeatedHeaders(rules(allow), "ALLOW"),
  ]);
  const config = (of: ActionPlan, action: "ALLOW" | "DENY") => {
    if (of.enforced === undefined && of.dryRun === undefined) return [];
    return [
      packed(RBACSchema, {
        ...(of.enforced === undefined ? {} : { rules: rbac(of.enforced, reading(action)) }),
        ...dryRun(of.dryRun, action.toLowerCase(), reading(action)),
      }),
    ];
  };
  return [
    ...named("headers", headers.size === 0 ? [] : [joinedHeaders([...headers].sort())]),
    ...custom.flatMap((ask) => asked(ask, reading("DENY"))),
    ...named("audit", marked(audit, reading("LOG"))),
    ...named("deny", config(withUnasked(deny, custom), "DENY")),
    ...named("allow", config(allow, "ALLOW")),
  ];
}

/** What somebody should be asked for who cannot be asked is refused. */
export function withUnasked(deny: ActionPlan, custom: readonly AskPlan[]): ActionPlan {
  const unasked = custom.flatMap(({ authorizer, rules }) =>
    authorizer === undefined ? rules.map((rule) => ({ ...rule, id: `${rule.id}-deny-due-to-bad-CUSTOM-action` })) : [],
  );
  return unasked.length === 0 ? deny : { ...deny, enforced: [...unasked, ...(deny.enforced ?? [])] };
}

function asked({ provider, authorizer, rules }: AskPlan, reading: Reading): readonly NamedFilter[] {
  if (authorizer === undefined) return [];
  const matched = packed(RBACSchema, { shadowRules: rbac(rules, reading), shadowRulesStatPrefix: askedPrefix });
  return [
    ...named("matched", [matched]),
    { name: "envoy.filters.http.ext_authz", config: httpExtAuthz(provider, authorizer) },
  ];
}

function marked(rules: readonly AuthorizationRulePlan[], reading: Reading): readonly Any[] {
  if (rules.length === 0) return [];
  return [packed(RBACSchema, { rules: rbac(rules, reading), rulesStatPrefix: "istio_audit_" })];
}

function dryRun(rules: readonly AuthorizationRulePlan[] | undefined, action: string, reading: Reading) {
  if (rules === undefined) return {};
  return { shadowRules: rbac(rules, reading), shadowRulesStatPrefix: `istio_dry_run_${action}_` };
}

function named(what: string, configs: readonly Any[]): readonly NamedFilter[] {
  return configs.map((config) => ({ name: `authorization-${what}`, config }));
}
