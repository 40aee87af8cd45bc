import type { Any } from "@bufbuild/protobuf/wkt";
import { RBACSchema } from "../../gen/envoy/extensions/filters/network/rbac/v3/rbac_pb.js";
import type { ActionPlan, AskPlan, AuthorizationPlan } from "../../plan/security/authorization.ts";
import type { AuthorizationRulePlan } from "../../plan/security/authorization-rule.ts";
import { packed } from "../any.ts";
import type { NamedFilter } from "../filter-chain.ts";
import { tcpAskNames, tcpAuthorizationNames, unaskedTcpName } from "./authorization-slot.ts";
import { askedPrefix, idleTcpExtAuthz, tcpExtAuthz } from "./ext-authz.ts";
import { withUnasked } from "./http-authorization.ts";
import { type Reading, rbac } from "./rbac.ts";

const statPrefix = "tcp.";

/**
 * What each place of a workload's authorization of connections holds; without policies it lets everything pass. `providers`: all that may be asked
 * of connections. Those that speak HTTP are not asked, as in Istio; `overHttp`: there are any, so that what they were to be asked of is refused
 * where HTTP may come as bytes.
 */
export function tcpAuthorizationFilters(
  plan: AuthorizationPlan,
  deniesUnknown: boolean,
  providers: readonly string[],
  overHttp: boolean,
): readonly NamedFilter[] {
  const reading = (action: Reading["action"]): Reading => ({ action, protocol: "tcp", deniesUnknown });
  const [audit, deny, allow] = tcpAuthorizationNames;
  return [
    ...providers.flatMap((provider) => asked(plan.custom, provider, reading("DENY"))),
    ...(overHttp ? [{ name: unaskedTcpName, config: decided(unasked(plan.custom), "deny", reading("DENY")) }] : []),
    { name: audit, config: marked(plan.audit, reading("LOG")) },
    { name: deny, config: decided(withUnasked(plan.deny, plan.custom), "deny", reading("DENY")) },
    { name: allow, config: decided(plan.allow, "allow", reading("ALLOW")) },
  ];
}

function unasked(custom: readonly AskPlan[]): ActionPlan {
  const byHttp = custom.filter(({ authorizer }) => authorizer?.kind === "http");
  return withUnasked(
    {},
    byHttp.map(({ provider, rules }) => ({ provider, rules })),
  );
}

function asked(custom: readonly AskPlan[], provider: string, reading: Reading): readonly NamedFilter[] {
  const [matched, ask] = tcpAskNames(provider);
  const found = custom.find((each) => each.provider === provider);
  if (found?.authorizer?.kind !== "grpc")
    return [
      { name: matched, config: packed(RBACSchema, { statPrefix }) },
      { name: ask, config: idleTcpExtAuthz() },
    ];
  const shadowRules = rbac(found.rules, reading);
  return [
    { name: matched, config: packed(RBACSchema, { statPrefix, shadowRules, shadowRulesStatPrefix: askedPrefix }) },
    { name: ask, config: tcpExtAuthz(provider, found.authorizer) },
  ];
}

function decided({ enforced, dryRun }: ActionPlan, action: string, reading: Reading): Any {
  return packed(RBACSchema, {
    statPrefix,
    ...(enforced === undefined ? {} : { rules: rbac(enforced, reading) }),
    ...(dryRun === undefined
      ? {}
      : { shadowRules: rbac(dryRun, reading), shadowRulesStatPrefix: `istio_dry_run_${action}_` }),
  });
}

/** Here only the shadow of a rule says its name. */
function marked(said: readonly AuthorizationRulePlan[], reading: Reading): Any {
  if (said.length === 0) return packed(RBACSchema, { statPrefix });
  const rules = rbac(said, reading);
  return packed(RBACSchema, { statPrefix, rules, shadowRules: rules, shadowRulesStatPrefix: "istio_audit_" });
}
