import type { DestinationRuleSpec } from "../../gen/istio/destination-rule.ts";
import type { PeerAuthenticationSpec } from "../../gen/istio/peer-authentication.ts";
import type { FieldPath } from "../../model/origin.ts";
import { formatRef, type Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import type { Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forEach, kialiReport } from "../finding.ts";
import { modeOf, type WideMutualTls, wideMutualTls, widePolicy } from "../wide-mtls.ts";

const modeField: FieldPath = ["spec", "trafficPolicy", "tls", "mode"];
const mtlsField: FieldPath = ["spec", "mtls"];
const takes = (mode: string | undefined) => mode === "STRICT" || mode === "PERMISSIVE";
const isMutual = ({ mode }: WideMutualTls) => mode === "ISTIO_MUTUAL" || mode === "MUTUAL";

/** DestinationRules for whole namespaces or the mesh against what PeerAuthentications take there. */
export const wideRules: Analyzer = {
  name: "destinationrule.WideMutualTlsAnalyzer",
  description: "Checks that DestinationRules for many hosts have callers speak what PeerAuthentications take",
  inputs: [types.DestinationRule, types.PeerAuthentication],
  codes: ["KIA0205", "KIA0206", "KIA0207", "KIA0208"],
  step: forEach<DestinationRuleSpec>("wideRules", types.DestinationRule, (scope, rule) => {
    const wide = scope.ask(wideMutualTls, "").find((w) => w.namespace === rule.namespace && w.name === rule.name);
    if (wide === undefined) return [];
    return wide.mode === "DISABLE" ? plaintext(scope, rule, wide) : missing(scope, rule, wide);
  }),
};

/** Callers speak plaintext where mutual TLS alone is taken. */
function plaintext(scope: Scope, rule: Resource, { reach }: WideMutualTls): Finding[] {
  const { rootNamespace } = scope.ask(mesh, "");
  const own = reach === undefined ? undefined : widePolicy(scope, reach);
  const ofMesh = widePolicy(scope, rootNamespace);
  const where = reach === undefined ? "the mesh" : `namespace ${reach}`;
  const told = (code: "KIA0207" | "KIA0208", policy: Resource) => {
    const detail = `callers speak plaintext to ${where}, where ${formatRef(policy)} (${policy.origin.at}) takes mutual TLS alone`;
    return [kialiReport(rule, code, detail, modeField, "make it PERMISSIVE, or take tls out here")];
  };
  if (own !== undefined && modeOf(own) !== undefined) return modeOf(own) === "STRICT" ? told("KIA0207", own) : [];
  return ofMesh !== undefined && modeOf(ofMesh) === "STRICT" ? told("KIA0208", ofMesh) : [];
}

/** Callers speak mutual TLS, and no PeerAuthentication says that it is taken. */
function missing(scope: Scope, rule: Resource, wide: WideMutualTls): Finding[] {
  const { rootNamespace, enableAutoMtls } = scope.ask(mesh, "");
  if (wide.mode !== "ISTIO_MUTUAL") return [];
  const said = [...(wide.reach === undefined ? [] : [wide.reach]), rootNamespace].map((ns) => widePolicy(scope, ns));
  const first = said.find((policy) => modeOf(policy) !== undefined);
  if (takes(modeOf(first)) || (first === undefined && enableAutoMtls)) return [];
  const code = wide.reach === undefined ? "KIA0205" : "KIA0206";
  if (first !== undefined) {
    const detail = `callers speak mutual TLS, and ${formatRef(first)} (${first.origin.at}) turns it off`;
    return [kialiReport(rule, code, detail, modeField, "make it PERMISSIVE or STRICT")];
  }
  // As in Istio workloads take both where nothing is said: it works, by a default.
  const detail = "callers speak mutual TLS, which workloads take by default alone";
  return [
    {
      ...kialiReport(rule, code, detail, modeField, "say it in a PeerAuthentication without a selector"),
      level: "Info",
    },
  ];
}

/** PeerAuthentications of whole namespaces or of the mesh against what DestinationRules have callers speak. */
export const widePolicies: Analyzer = {
  name: "peerauthentication.WideMutualTlsAnalyzer",
  description: "Checks that callers speak what PeerAuthentications of namespaces and of the mesh take",
  inputs: [types.PeerAuthentication, types.DestinationRule],
  codes: ["KIA0401", "KIA0501", "KIA0505", "KIA0506"],
  step: forEach<PeerAuthenticationSpec>("widePolicies", types.PeerAuthentication, (scope, policy) => {
    const { rootNamespace, enableAutoMtls } = scope.ask(mesh, "");
    if (widePolicy(scope, policy.namespace)?.name !== policy.name) return [];
    const mode = modeOf(policy);
    const isRoot = policy.namespace === rootNamespace;
    const rules = scope.ask(wideMutualTls, "");
    const ofMesh = rules.filter((rule) => rule.reach === undefined);
    const own = isRoot ? [] : rules.filter((rule) => rule.reach === policy.namespace);
    if (mode === "STRICT") {
      if (enableAutoMtls || [...own, ...ofMesh].some((rule) => rule.mode === "ISTIO_MUTUAL")) return [];
      const where = isRoot ? "the mesh" : `namespace ${policy.namespace}`;
      const detail = `callers of ${where} speak plaintext (enableAutoMtls is off), and mutual TLS alone is taken`;
      return [kialiReport(policy, isRoot ? "KIA0401" : "KIA0501", detail, mtlsField)];
    }
    const against = own.length > 0 ? own.find(isMutual) : ofMesh.find(isMutual);
    if (mode !== "DISABLE" || against === undefined) return [];
    const detail = `${formatRef(against)} (${against.at}) has callers speak mutual TLS, which is off here`;
    return [
      kialiReport(
        policy,
        isRoot ? "KIA0506" : "KIA0505",
        detail,
        mtlsField,
        "take tls out of it, or set it to DISABLE",
      ),
    ];
  }),
};
