import type { ClientTLSSettings, DestinationRuleSpec } from "../../gen/istio/destination-rule.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { hostMatches } from "../../plan/host.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import { type Analyzer, type Finding, forEach, report } from "../finding.ts";
import { findHost, hostFix, knownHosts } from "../hosts.ts";
import { covers, podLikesIn } from "../workloads.ts";

type DestinationRule = Resource<DestinationRuleSpec>;

/** TLS that does not check whom it speaks to. */
export const destinationCertificates: Analyzer = {
  name: "destinationrule.CaCertificateAnalyzer",
  description: "Checks if caCertificates is set when TLS mode is SIMPLE/MUTUAL",
  inputs: [types.DestinationRule],
  codes: ["IST0128", "IST0129"],
  step: forEach<DestinationRuleSpec>("destinationCertificates", types.DestinationRule, (_scope, rule) => {
    const { trafficPolicy, host } = rule.spec;
    const base = ["spec", "trafficPolicy"];
    const own = { nameOf: rule };
    const namespace = { namespaceOf: rule };
    const fix = "set caCertificates, or a credentialName whose Secret has ca.crt";
    const findings: Finding[] = [];
    if (isUnchecked(trafficPolicy?.tls)) {
      const args = [own, namespace, trafficPolicy?.tls?.mode ?? "", host];
      const line = [...base, "tls", "caCertificates"];
      findings.push(report(rule, "IST0128", args, { path: [...base, "tls"], line, fix }));
    }
    for (const [i, port] of (trafficPolicy?.portLevelSettings ?? []).entries()) {
      if (!isUnchecked(port.tls)) continue;
      const args = [own, namespace, port.tls?.mode ?? "", host, `number:${port.port?.number ?? 0}`];
      const path = [...base, "portLevelSettings", i, "tls"];
      findings.push(report(rule, "IST0129", args, { path, line: [...path, "caCertificates"], fix }));
    }
    return findings;
  }),
};

function isUnchecked(tls: ClientTLSSettings | undefined): boolean {
  if (tls === undefined || (tls.mode !== "SIMPLE" && tls.mode !== "MUTUAL")) return false;
  return !tls.caCertificates && !tls.credentialName;
}

/** Node name → the labels that Istio gives the endpoints on it. Key: none. */
const nodeLabels: Step<ReadonlyMap<string, Readonly<Record<string, string>>>> = {
  name: "analysis/nodeLabels",
  run: (scope) =>
    new Map(
      listAll(scope, types.Node).map(({ name, labels }) => {
        const taken = ["topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone"];
        const own = taken.flatMap((key) => (labels[key] ? [[key, labels[key]] as const] : []));
        return [name, { ...Object.fromEntries(own), "kubernetes.io/hostname": name }];
      }),
    ),
};

/** Subsets that nothing is in, and rules for hosts that nobody knows. */
export const destinationRuleSubsets: Analyzer = {
  name: "destinationrule.SubsetSelectPodAnalyzer",
  description: "Checks if pods are selected by subsets in destination rules",
  inputs: [types.DestinationRule, types.Pod, types.Service, types.ServiceEntry, types.Node],
  codes: ["IST0173", "IST0174"],
  also: ["KIA0202", "KIA0203"],
  step: forEach<DestinationRuleSpec>("destinationRuleSubsets", types.DestinationRule, checkSubsets),
};

interface Labelled {
  readonly labels?: Readonly<Record<string, string>>;
}

function checkSubsets(scope: Scope, rule: DestinationRule): Finding[] {
  const { host = "", exportTo, subsets = [] } = rule.spec;
  const service = findHost(scope, rule.namespace, exportTo, host);
  if (service === undefined && isMet(scope, host)) return [];
  if (service === undefined) {
    const fix = hostFix(scope, rule.namespace, host);
    return [report(rule, "IST0174", [host], { path: ["spec", "host"], fix, also: "KIA0202" })];
  }
  return subsets.flatMap((subset, i) => {
    const wanted = { ...service.selector, ...subset.labels };
    if (hasEndpoint(scope, service.namespace, wanted)) return [];
    if (service.kind === "ServiceEntry" && hasInlineEndpoint(scope, service, subset.labels ?? {})) return [];
    const fix = `no workload of ${service.host} has these labels: ${Object.entries(subset.labels ?? {})
      .map(([k, v]) => `${k}=${v}`)
      .join(", ")}`;
    return [report(rule, "IST0173", [subset.name], { path: ["spec", "subsets", i, "labels"], fix, also: "KIA0203" })];
  });
}

/** A rule for many hosts is for those of them that are there. */
function isMet(scope: Scope, host: string): boolean {
  return host.startsWith("*") && [...scope.ask(knownHosts, "").keys()].some((known) => hostMatches(host, known));
}

function hasEndpoint(scope: Scope, namespace: string, wanted: Readonly<Record<string, string>>): boolean {
  // An endpoint's region is never the empty text.
  const nodes = scope.ask(nodeLabels, "");
  const isThere = (labels: Readonly<Record<string, string>>, node: string | undefined) =>
    covers(wanted, node === undefined ? labels : { ...labels, ...nodes.get(node) });
  if (scope.ask(podLikesIn, namespace).some((pod) => isThere(pod.labels, pod.spec.nodeName))) return true;
  return scope
    .list<Labelled>(types.WorkloadEntry, namespace)
    .some((entry) => covers(wanted, { ...entry.labels, ...entry.spec.labels }));
}

function hasInlineEndpoint(
  scope: Scope,
  service: { readonly namespace: string; readonly host: string },
  labels: Readonly<Record<string, string>>,
): boolean {
  return scope
    .list<{ readonly hosts?: readonly string[]; readonly endpoints?: readonly Labelled[] }>(
      types.ServiceEntry,
      service.namespace,
    )
    .some(
      ({ spec }) =>
        spec.hosts?.some((h) => h.toLowerCase() === service.host) &&
        (spec.endpoints ?? []).some((e) => covers(labels, e.labels ?? {})),
    );
}
