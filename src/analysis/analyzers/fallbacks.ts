import type { DestinationRuleSpec } from "../../gen/istio/destination-rule.ts";
import type { FallbackSpec } from "../../gen/weft/fallback.ts";
import { fullHost } from "../../model/full-host.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import { listAll, type Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forAll, forEach, ownReport, report } from "../finding.ts";
import { findHost, hostFix } from "../hosts.ts";

/** Hosts, ports and subsets that are not there. */
export const fallbackHosts: Analyzer = {
  name: "fallback.DestinationHostAnalyzer",
  description: "Checks that the host of a Fallback and its destinations are there",
  inputs: [types.Fallback, types.Service, types.ServiceEntry, types.DestinationRule],
  codes: ["IST0101"],
  step: forEach<FallbackSpec>("fallbackHosts", types.Fallback, (scope, fallback) => [
    ...checkHost(scope, fallback, fallback.spec, ["spec"]),
    ...(fallback.spec.destinations ?? []).flatMap((to, i) =>
      checkHost(scope, fallback, to, ["spec", "destinations", i]),
    ),
  ]),
};

function checkHost(
  scope: Scope,
  fallback: Resource<FallbackSpec>,
  to: { readonly host: string; readonly subset?: string; readonly port?: { readonly number: number } },
  path: readonly (string | number)[],
): Finding[] {
  const { namespace } = fallback;
  const found = findHost(scope, namespace, undefined, to.host);
  if (found === undefined) {
    const place = { path: [...path, "host"], fix: hostFix(scope, namespace, to.host) };
    return [report(fallback, "IST0101", ["host", to.host], place)];
  }
  if (to.port !== undefined && !found.ports.includes(to.port.number)) {
    const place = { path: [...path, "port", "number"], fix: `it has ${found.ports.join(", ")}` };
    return [report(fallback, "IST0101", ["host:port", `${to.host}:${to.port.number}`], place)];
  }
  if (to.subset === undefined || subsets(scope, namespace, to.host).has(to.subset)) return [];
  const place = { path: [...path, "subset"], fix: `add the subset to a DestinationRule of ${to.host}` };
  return [report(fallback, "IST0101", ["host+subset in destinationrule", `${to.host}+${to.subset}`], place)];
}

function subsets(scope: Scope, namespace: string, host: string): ReadonlySet<string> {
  const { domain } = scope.ask(mesh, "");
  const full = (name: string, ns: string) => fullHost(name, ns, domain).toLowerCase();
  const rules = listAll<DestinationRuleSpec>(scope, types.DestinationRule);
  const own = rules.filter((rule) => full(rule.spec.host ?? "", rule.namespace) === full(host, namespace));
  return new Set(own.flatMap(({ spec }) => (spec.subsets ?? []).map(({ name }) => name)));
}

/** Of several for one host in a namespace the oldest holds. */
export const fallbackConflicts: Analyzer = {
  name: "fallback.ConflictAnalyzer",
  description: "Checks that no two Fallbacks of a namespace are for the same host and subset",
  inputs: [types.Fallback],
  codes: ["WEFT0114"],
  step: forAll("fallbackConflicts", (scope) => {
    const { domain } = scope.ask(mesh, "");
    return scope.namespaces(types.Fallback).flatMap((namespace) => {
      const byHost = new Map<string, Resource<FallbackSpec>>();
      const all = [...scope.list<FallbackSpec>(types.Fallback, namespace)].sort((a, b) => a.createdAt - b.createdAt);
      return all.flatMap((fallback) => {
        const { host, subset = "", exportTo = ["*"] } = fallback.spec;
        const key = `${fullHost(host, namespace, domain).toLowerCase()}|${subset}|${[...exportTo].sort().join()}`;
        const older = byHost.get(key);
        if (older === undefined) {
          byHost.set(key, fallback);
          return [];
        }
        const message = `Fallback ${namespace}/${older.name} is for the same host and older: it holds, and this one does nothing`;
        return [ownReport(fallback, "WEFT0114", message, ["spec", "host"])];
      });
    });
  }),
};
