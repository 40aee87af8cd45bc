import type { VirtualServiceSpec } from "../../gen/istio/virtual-service.ts";
import { types } from "../../model/types.ts";
import { type Analyzer, forAll, forEach, report } from "../finding.ts";

const definition = "CustomResourceDefinition.apiextensions.k8s.io";
const removed = ["ClusterRbacConfig", "RbacConfig", "ServiceRole", "ServiceRoleBinding"];

interface Definition {
  readonly group?: string;
  readonly names?: { readonly kind?: string };
}

const delays = forEach<VirtualServiceSpec>("deprecatedDelays", types.VirtualService, (_scope, vs) =>
  (vs.spec.http ?? []).flatMap((rule, i) => {
    if ((rule.fault?.delay?.percent ?? 0) <= 0) return [];
    const words = "HTTPRoute.fault.delay.percent is deprecated; use HTTPRoute.fault.delay.percentage";
    const place = { path: ["spec", "http", i, "fault", "delay", "percent"], fix: 'write "percentage: {value: ...}"' };
    return [report(vs, "IST0002", [words], place)];
  }),
);
const definitions = forEach<Definition>("removedDefinitions", definition, (_scope, crd) => {
  const { group, names } = crd.spec;
  if (group !== "rbac.istio.io" || !removed.includes(names?.kind ?? "")) return [];
  const words = `Custom resource type ${group} ${names?.kind} is removed`;
  return [report(crd, "IST0002", [words], { path: ["spec", "names", "kind"], fix: "write AuthorizationPolicies" })];
});

/** Istio tells of a Sidecar's egressProxy as well; here that is acted on. */
export const deprecations: Analyzer = {
  name: "deprecation.DeprecationAnalyzer",
  description: "Checks for deprecated Istio types and fields",
  inputs: [types.VirtualService, definition],
  codes: ["IST0002"],
  step: forAll("deprecations", (scope) => [delays, definitions].flatMap((step) => scope.ask(step, ""))),
};
