import type { DestinationRuleSpec } from "../../gen/istio/destination-rule.ts";
import { fullHost } from "../../model/full-host.ts";
import { formatRef, type Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { hostMatches } from "../../plan/host.ts";
import { mesh } from "../../plan/mesh.ts";
import { same } from "../../track/same.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import { type Analyzer, type Finding, forEach, kialiReport } from "../finding.ts";
import { wideMutualTls } from "../wide-mtls.ts";

type Rule = Resource<DestinationRuleSpec>;

/** What decides whether two rules meet. */
interface Reach {
  readonly namespace: string;
  readonly name: string;
  readonly ref: string;
  readonly viewers: readonly string[];
  readonly workloads: Readonly<Record<string, string>>;
  /** Empty: all of the host. */
  readonly subsets: readonly string[];
}

/** Full host → the rules for it. Key: none. */
const rulesByHost: Step<ReadonlyMap<string, readonly Reach[]>> = {
  name: "analysis/rulesByHost",
  run: (scope) => {
    const { domain, defaultDestinationRuleExportTo } = scope.ask(mesh, "");
    const found = new Map<string, Reach[]>();
    for (const rule of listAll<DestinationRuleSpec>(scope, types.DestinationRule)) {
      const { namespace, name, spec, origin } = rule;
      const host = fullHost(spec.host ?? "", namespace, domain).toLowerCase();
      const exported = spec.exportTo?.length ? spec.exportTo : defaultDestinationRuleExportTo;
      const reach = {
        namespace,
        name,
        ref: `${formatRef(rule)} (${origin.at})`,
        viewers: exported.map((ns) => (ns === "." ? namespace : ns)),
        workloads: spec.workloadSelector?.matchLabels ?? {},
        subsets: (spec.subsets ?? []).map((subset) => subset.name),
      };
      found.set(host, [...(found.get(host) ?? []), reach]);
    }
    return found;
  },
};

export const destinationRuleOverlaps: Analyzer = {
  name: "destinationrule.OverlapAnalyzer",
  description: "Checks that no two DestinationRules are for the same host and subset",
  inputs: [types.DestinationRule],
  codes: ["KIA0201", "KIA0204", "KIA0209"],
  step: forEach<DestinationRuleSpec>("destinationRuleOverlaps", types.DestinationRule, (scope, rule) => [
    ...overlaps(scope, rule),
    ...withoutTls(scope, rule),
    ...unlabelled(rule),
  ]),
};

function overlaps(scope: Scope, rule: Rule): Finding[] {
  const { domain } = scope.ask(mesh, "");
  const host = fullHost(rule.spec.host ?? "", rule.namespace, domain).toLowerCase();
  const all = scope.ask(rulesByHost, "").get(host) ?? [];
  const own = all.find((one) => one.namespace === rule.namespace && one.name === rule.name);
  if (own === undefined || all.length < 2) return [];
  return all.flatMap((other) => {
    if (other === own || !seenTogether(own, other) || !same(own.workloads, other.workloads)) return [];
    const shared = own.subsets.filter((subset) => other.subsets.includes(subset));
    const whole = own.subsets.length === 0 || other.subsets.length === 0;
    if (shared.length === 0 && !whole) return [];
    const what = shared.length > 0 ? `subset ${shared.join(", ")} of ${host}` : host;
    const fix = "make them one, or give each of them other subsets";
    return [kialiReport(rule, "KIA0201", `${other.ref} is for ${what}, too`, ["spec", "host"], fix)];
  });
}

function seenTogether(a: Reach, b: Reach): boolean {
  return a.viewers.some((viewer) => viewer === "*" || b.viewers.includes("*") || b.viewers.includes(viewer));
}

/** A rule for one host holds in the place of the one for many, whatever it leaves unsaid. */
function withoutTls(scope: Scope, rule: Rule): Finding[] {
  const { domain, enableAutoMtls } = scope.ask(mesh, "");
  const { trafficPolicy, host = "" } = rule.spec;
  if (enableAutoMtls || host.startsWith("*")) return [];
  const ports = trafficPolicy?.portLevelSettings ?? [];
  if (trafficPolicy?.tls !== undefined || ports.some((port) => port.tls !== undefined)) return [];
  const full = fullHost(host, rule.namespace, domain);
  const wide = scope.ask(wideMutualTls, "").find(({ reach, mode }) => {
    const pattern = reach === undefined ? "*.local" : `*.${reach}.svc.${domain}`;
    return mode === "ISTIO_MUTUAL" && hostMatches(pattern, full);
  });
  if (wide === undefined) return [];
  const detail = `${formatRef(wide)} (${wide.at}) turns mutual TLS on for ${full}, and this rule holds in its place`;
  const path = ["spec", ...(trafficPolicy === undefined ? ["host"] : ["trafficPolicy"])];
  return [kialiReport(rule, "KIA0204", detail, path, 'add "tls: {mode: ISTIO_MUTUAL}" to trafficPolicy')];
}

function unlabelled(rule: Rule): Finding[] {
  return (rule.spec.subsets ?? []).flatMap((subset, i) => {
    if (Object.keys(subset.labels ?? {}).length > 0) return [];
    const detail = `"${subset.name}" is all workloads of ${rule.spec.host}`;
    return [kialiReport(rule, "KIA0209", detail, ["spec", "subsets", i], "add the labels of its workloads")];
  });
}
