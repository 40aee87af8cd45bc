import type { AuthorizationPolicySpec } from "../../gen/istio/authorization-policy.ts";
import type { VirtualServiceSpec } from "../../gen/istio/virtual-service.ts";
import type { FieldPath } from "../../model/origin.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import { inboundMtls } from "../../plan/security/peer-authentication.ts";
import { closest } from "../../std/closest.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import { type Analyzer, type Finding, forEach, kialiReport } from "../finding.ts";
import { knownHosts } from "../hosts.ts";
import { wideMutualTls } from "../wide-mtls.ts";

type Policy = Resource<AuthorizationPolicySpec>;

/** Values in rules of an AuthorizationPolicy that no request can have. */
export const authorizationRules: Analyzer = {
  name: "auth.PolicyRuleAnalyzer",
  description: "Checks methods and hosts that rules of policies name, and that callers have the identity they ask for",
  inputs: [types.AuthorizationPolicy, types.PeerAuthentication, types.DestinationRule, types.Service],
  codes: ["KIA0102", "KIA0104", "KIA0105"],
  step: forEach<AuthorizationPolicySpec>("authorizationRules", types.AuthorizationPolicy, (scope, policy) => [
    ...ofOperations(scope, policy),
    ...withoutMtls(scope, policy),
  ]),
};

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"];

function ofOperations(scope: Scope, policy: Policy): Finding[] {
  return (policy.spec.rules ?? []).flatMap((rule, i) =>
    (rule.to ?? []).flatMap(({ operation = {} }, j) => {
      const at = (field: string, k: number): FieldPath => ["spec", "rules", i, "to", j, "operation", field, k];
      const wrong = (["methods", "notMethods"] as const).flatMap((field) =>
        (operation[field] ?? []).flatMap((method, k) => ofMethod(policy, method, at(field, k))),
      );
      const unknown = (operation.hosts ?? []).flatMap((host, k) => ofHost(scope, policy, host, at("hosts", k)));
      return [...wrong, ...unknown];
    }),
  );
}

function ofMethod(policy: Policy, said: string, path: FieldPath): Finding[] {
  if (methods.some((method) => isMeant(said, method))) return [];
  const meant = closest(said.toUpperCase(), methods);
  const fix = said.startsWith("/")
    ? "a gRPC name belongs into paths; the method of gRPC is POST"
    : meant === undefined
      ? `there are ${methods.join(", ")}`
      : `did you mean "${meant}"?`;
  return [kialiReport(policy, "KIA0102", `no request has the method "${said}"`, path, fix)];
}

/** As Istio compares: exactly, by prefix, by suffix, or present. */
function isMeant(said: string, method: string): boolean {
  if (said === "*") return true;
  if (said.endsWith("*")) return method.startsWith(said.slice(0, -1));
  return said.startsWith("*") ? method.endsWith(said.slice(1)) : method === said;
}

/** First labels of hosts that services, ServiceEntries and VirtualServices have. Key: none. */
const shortNames: Step<ReadonlySet<string>> = {
  name: "analysis/shortNames",
  run: (scope) => {
    const routed = listAll<VirtualServiceSpec>(scope, types.VirtualService).flatMap(({ spec }) => spec.hosts ?? []);
    return new Set([...scope.ask(knownHosts, "").keys(), ...routed].map((host) => host.split(".", 1)[0] ?? host));
  },
};

/** Names with a dot are what clients write, and may lead here from anywhere: only short names can be held against services. */
function ofHost(scope: Scope, policy: Policy, said: string, path: FieldPath): Finding[] {
  const host = said.replace(/:(\d+|\*)$/, "").toLowerCase();
  if (host === "" || /[.*:]/.test(host) || host === "localhost") return [];
  const known = scope.ask(shortNames, "");
  if (known.has(host)) return [];
  const meant = closest(host, known);
  const fix =
    meant === undefined ? "check the name; clients' host names are written in full" : `did you mean "${meant}"?`;
  return [kialiReport(policy, "KIA0104", `nothing is called "${said}"`, path, fix)];
}

const sourceFields = [
  ...(["principals", "notPrincipals", "namespaces", "notNamespaces"] as const),
  ...(["serviceAccounts", "notServiceAccounts", "trustDomains", "notTrustDomains"] as const),
];
const keys = ["source.principal", "source.namespace", "source.serviceAccount", "source.trustDomain", "connection.sni"];

function withoutMtls(scope: Scope, policy: Policy): Finding[] {
  const { selector, targetRef, targetRefs = [], rules = [] } = policy.spec;
  if (targetRef !== undefined || targetRefs.length > 0) return [];
  const found = rules.flatMap((rule, i): readonly FieldPath[] => [
    ...(rule.from ?? []).flatMap(({ source = {} }, j) =>
      sourceFields
        .filter((field) => (source[field] ?? []).length > 0)
        .map((field): FieldPath => ["spec", "rules", i, "from", j, "source", field]),
    ),
    ...(rule.when ?? []).flatMap(({ key }, j) => (keys.includes(key) ? [["spec", "rules", i, "when", j]] : [])),
  ]);
  if (found.length === 0) return [];
  const why = noMtls(scope, policy.namespace, selector?.matchLabels ?? {});
  return why === undefined ? [] : found.map((path) => kialiReport(policy, "KIA0105", why, path));
}

/** Why callers of workloads have no certificate; undefined where they have. */
function noMtls(scope: Scope, namespace: string, labels: Readonly<Record<string, string>>): string | undefined {
  const { mode, origins } = scope.ask(inboundMtls, JSON.stringify({ namespace, labels }));
  if (mode === "DISABLE")
    return `mutual TLS is off at these workloads (${origins.join(", ")}), so callers have no identity`;
  if (scope.ask(mesh, "").enableAutoMtls) return undefined;
  const on = scope.ask(wideMutualTls, "").some((rule) => rule.mode === "ISTIO_MUTUAL");
  return on
    ? undefined
    : "enableAutoMtls is off and no DestinationRule turns mutual TLS on, so callers have no identity";
}
