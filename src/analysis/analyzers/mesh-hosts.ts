import type { VirtualServiceSpec } from "../../gen/istio/virtual-service.ts";
import type { Ref, Resource } from "../../model/resource.ts";
import { formatRef } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { fullHost } from "../../plan/host.ts";
import { mesh } from "../../plan/mesh.ts";
import { listAll, type Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forAll, nameField, report } from "../finding.ts";

type VirtualService = Resource<VirtualServiceSpec>;

export const meshHosts: Analyzer = {
  name: "virtualservice.ConflictingMeshGatewayHostsAnalyzer",
  description: "Checks if multiple virtual services associated with the mesh gateway have conflicting hosts",
  inputs: [types.VirtualService],
  codes: ["IST0109"],
  step: forAll("meshHosts", conflicts),
};

/**
 * VirtualServices of the mesh for one host, in one scope of visibility. A namespace's own scope is held against what is for all as well:
 * Istio tells only of those that are private to it.
 */
function conflicts(scope: Scope): Finding[] {
  const byHost = new Map<string, VirtualService[]>();
  for (const vs of listAll<VirtualServiceSpec>(scope, types.VirtualService)) {
    const { gateways, hosts = [] } = vs.spec;
    if (gateways?.length && !gateways.includes("mesh")) continue;
    for (const key of new Set(hosts.flatMap((host) => scopedHosts(scope, vs, host)))) {
      byHost.set(key, [...(byHost.get(key) ?? []), vs]);
    }
  }
  const findings: Finding[] = [];
  for (const [key, sharing] of byHost) {
    const [winner] = sharing.toSorted(byAge);
    if (winner === undefined || sharing.length < 2) continue;
    const names = { joined: sharing.map((vs) => ({ nameOf: refOf(vs) })), by: "," };
    for (const vs of sharing) {
      const fix =
        vs === winner
          ? `this one is the oldest and holds alone; its rules count, those of ${others(sharing, vs)} do not: merge them into it`
          : `${formatRef(winner)} (${winner.origin.at}) is older and holds alone; the rules here do not count: merge them into it`;
      const hostIndex = vs.spec.hosts?.findIndex((host) => scopedHosts(scope, vs, host).includes(key)) ?? 0;
      findings.push(report(vs, "IST0109", [names, key], { path: ["spec", "hosts", hostIndex], line: nameField, fix }));
    }
  }
  return findings;
}

/** Each pair of who sees it (a namespace, or `*`) and the full host: `team2/google.com`. */
function scopedHosts(scope: Scope, vs: VirtualService, host: string): string[] {
  const { domain } = scope.ask(mesh, "");
  const full = fullHost(host, vs.namespace, domain);
  const { exportTo } = vs.spec;
  if (!exportTo?.length || exportTo.includes("*")) return [`*/${full}`];
  return exportTo.map((ns) => `${ns === "." ? vs.namespace : ns}/${full}`);
}

function others(sharing: readonly VirtualService[], one: VirtualService): string {
  return sharing
    .filter((vs) => vs !== one)
    .map((vs) => `${formatRef(vs)} (${vs.origin.at})`)
    .join(" and ");
}

/** As the plan chooses: by age, then namespace and name. */
function byAge(a: VirtualService, b: VirtualService): number {
  return a.createdAt - b.createdAt || (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1);
}

function refOf({ type, namespace, name }: Ref): Ref {
  return { type, namespace, name };
}
