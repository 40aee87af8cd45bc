import type { ClientTLSSettings, DestinationRuleSpec } from "../../gen/istio/destination-rule.ts";
import type { PeerAuthenticationSpec } from "../../gen/istio/peer-authentication.ts";
import type { FieldPath } from "../../model/origin.ts";
import { formatRef, type Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { inboundMtls } from "../../plan/security/peer-authentication.ts";
import type { Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forAll, forEach, nameField, ownReport } from "../finding.ts";
import { findHost, type KnownHost } from "../hosts.ts";
import { covers, type PodLike, podLikesIn } from "../workloads.ts";

type Policy = Resource<PeerAuthenticationSpec>;

/** Of PeerAuthentications with the same reach one holds: the oldest. */
export const peerAuthenticationConflicts: Analyzer = {
  name: "peerauthentication.ConflictAnalyzer",
  description: "Checks that no two PeerAuthentications of a namespace are for the same workloads",
  inputs: [types.PeerAuthentication, types.Pod, types.Deployment],
  codes: ["WEFT0115"],
  also: ["KIA0002", "KIA0003"],
  step: forAll("peerAuthenticationConflicts", (scope) =>
    scope.namespaces(types.PeerAuthentication).flatMap((namespace) => {
      const all = scope.list<PeerAuthenticationSpec>(types.PeerAuthentication, namespace);
      const byAge = all.toSorted((a, b) => a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1));
      const wide = byAge.filter((policy) => labelsOf(policy).length === 0);
      const chosen = byAge.filter((policy) => labelsOf(policy).length > 0);
      const pods = chosen.length < 2 ? [] : scope.ask(podLikesIn, namespace);
      const losers = new Map(wide.slice(1).map((policy) => [policy, `namespace ${namespace}`]));
      for (const pod of pods) {
        const both = chosen.filter(({ spec }) => covers(spec.selector?.matchLabels ?? {}, pod.labels));
        for (const policy of both.slice(1)) if (!losers.has(policy)) losers.set(policy, pod.name);
      }
      return [...losers].map(([policy, where]) => {
        const [first] = where.startsWith("namespace ") ? wide : chosen.filter((one) => coversBoth(one, where, pods));
        const older = first === undefined ? "another one" : formatRef(first);
        return ownReport(
          policy,
          "WEFT0115",
          `${older} is older and holds for ${where}; this one does nothing there`,
          nameField,
          where.startsWith("namespace ") ? "KIA0002" : "KIA0003",
        );
      });
    }),
  ),
};

function labelsOf({ spec }: Policy): readonly string[] {
  return Object.keys(spec.selector?.matchLabels ?? {});
}

function coversBoth({ spec }: Policy, name: string, pods: readonly PodLike[]): boolean {
  return pods.some((pod) => pod.name === name && covers(spec.selector?.matchLabels ?? {}, pod.labels));
}

/** Callers that a DestinationRule has speak otherwise than the workloads there listen. */
export const peerAuthenticationCallers: Analyzer = {
  name: "peerauthentication.DestinationRuleAnalyzer",
  description: "Checks that DestinationRules do not contradict what workloads accept from their callers",
  inputs: [types.DestinationRule, types.PeerAuthentication, types.Pod, types.Deployment, types.Service],
  codes: ["WEFT0116"],
  step: forEach<DestinationRuleSpec>("peerAuthenticationCallers", types.DestinationRule, (scope, rule) => {
    const { host = "", exportTo } = rule.spec;
    const service = findHost(scope, rule.namespace, exportTo, host);
    if (service?.kind !== "Service" || service.selector === undefined) return [];
    return settings(rule.spec).flatMap(({ tls, labels, path }) =>
      conflict(scope, rule, service, { tls, labels, path }),
    );
  }),
};

interface Setting {
  readonly tls: ClientTLSSettings;
  /** Of the subset that it is for. */
  readonly labels: Readonly<Record<string, string>>;
  readonly path: FieldPath;
}

function settings({ trafficPolicy, subsets = [] }: DestinationRuleSpec): readonly Setting[] {
  const all = [
    { tls: trafficPolicy?.tls, labels: {}, path: ["spec", "trafficPolicy", "tls"] },
    ...subsets.map((subset, i) => ({
      tls: subset.trafficPolicy?.tls,
      labels: subset.labels ?? {},
      path: ["spec", "subsets", i, "trafficPolicy", "tls"],
    })),
  ];
  return all.flatMap(({ tls, ...rest }) => (tls?.mode === undefined ? [] : [{ tls, ...rest }]));
}

function conflict(
  scope: Scope,
  rule: Resource,
  service: KnownHost,
  { tls, labels, path }: Setting,
): readonly Finding[] {
  const wanted = tls.mode === "ISTIO_MUTUAL" ? "DISABLE" : "STRICT";
  const pods = scope
    .ask(podLikesIn, service.namespace)
    .filter((pod) => covers({ ...service.selector, ...labels }, pod.labels))
    .filter((pod) => (pod.labels["sidecar.istio.io/inject"] ?? pod.annotations["sidecar.istio.io/inject"]) !== "false");
  for (const pod of pods) {
    const { mode, origins } = scope.ask(inboundMtls, JSON.stringify({ namespace: pod.namespace, labels: pod.labels }));
    if (mode !== wanted) continue;
    const takes = mode === "STRICT" ? "takes mutual TLS of the mesh alone" : "takes no mutual TLS";
    const message = `callers speak ${tls.mode} to ${service.host}, where ${pod.name} ${takes} (${origins.join(", ")})`;
    return [ownReport(rule, "WEFT0116", message, path)];
  }
  return [];
}
