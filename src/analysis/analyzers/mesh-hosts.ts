import type { VirtualServiceSpec } from "../../gen/istio/virtual-service.ts";
import { fullHost } from "../../model/full-host.ts";
import type { Ref, Resource } from "../../model/resource.ts";
import { formatRef } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import { listAll, type Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forAll, nameField, report } from "../finding.ts";

type VirtualService = Resource<VirtualServiceSpec>;

export const meshHosts: Analyzer = {
  name: "virtualservice.ConflictingMeshGatewayHostsAnalyzer",
  description: "Checks if multiple virtual services associated with the mesh gateway have conflicting hosts",
  inputs: [types.VirtualService],
  codes: ["IST0109"],
  also: ["KIA1106"],
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
  return [...byHost].flatMap(([key, own]) => {
    // What a namespace sees alone stands beside what everybody sees.
    const forAllToo = key.startsWith("*/") ? [] : (byHost.get(`*${key.slice(key.indexOf("/"))}`) ?? []);
    const sharing = [...new Set([...own, ...forAllToo])].sort(byName);
    if (sharing.length < 2) return [];
    // One of another namespace is told by its own host: it harms nobody but those here.
    const told = sharing.filter((vs) => own.includes(vs) || own.some((o) => o.namespace === vs.namespace));
    return told.map((vs) => conflict(scope, key, vs, sharing));
  });
}

function conflict(scope: Scope, key: string, vs: VirtualService, sharing: readonly VirtualService[]): Finding {
  const winner = sharing.toSorted((a, b) => strength(key, a) - strength(key, b) || byAge(a, b))[0] ?? vs;
  const fix =
    vs === winner
      ? `this one holds alone, as the ${strength(key, vs) === 0 ? "one for its namespace only" : "oldest"}; the rules of ${others(sharing, vs)} do not count: merge them into it`
      : `${formatRef(winner)} (${winner.origin.at}) holds alone; the rules here do not count: merge them into it`;
  const index = (vs.spec.hosts ?? []).findIndex(
    (host) => fullOf(key) === fullOf(scopedHosts(scope, vs, host)[0] ?? ""),
  );
  const names = { joined: sharing.map((each) => ({ nameOf: refOf(each) })), by: "," };
  return report(vs, "IST0109", [names, key], {
    path: ["spec", "hosts", Math.max(0, index)],
    line: nameField,
    fix,
    also: "KIA1106",
  });
}

/** As the plan chooses: what is for some namespaces only comes before what is for all. */
function strength(key: string, vs: VirtualService): number {
  const forAll = !vs.spec.exportTo?.length || vs.spec.exportTo.includes("*");
  return forAll || key.startsWith("*/") ? 1 : 0;
}

function fullOf(key: string): string {
  return key.slice(key.indexOf("/") + 1);
}

function byName(a: VirtualService, b: VirtualService): number {
  return `${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1;
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
