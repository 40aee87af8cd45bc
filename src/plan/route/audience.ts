import type { DestinationRuleSpec } from "../../gen/istio/destination-rule.ts";
import { fullHost } from "../../model/full-host.ts";
import { types } from "../../model/types.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { fallbackAudience } from "../cluster/fallback.ts";
import { isMeshRouteGroup } from "../gateway-api/mesh-routes.ts";
import { hostMatches } from "../host.ts";
import { mesh } from "../mesh.ts";
import { serviceIndex } from "../registry/service-index.ts";
import type { View } from "../view.ts";
import { virtualServiceMentions } from "./mentions.ts";
import { virtualServiceIndex } from "./selection.ts";
import { projectSource, type SourceMentions } from "./source.ts";

/**
 * Who sees routes of its own to a host. Everybody else sees the same and shares one table, found as the view of no namespace: so that a
 * namespace more costs little, and not all hosts of the mesh again.
 */
export interface Audience {
  /** Namespaces for which a service, VirtualService or DestinationRule that counts here may differ; sorted. */
  readonly namespaces: readonly string[];
  /** What VirtualServices ask of clients. */
  readonly mentions: readonly SourceMentions[];
}

/** Key: host. */
export const hostAudience: Step<Audience> = {
  name: "plan/hostAudience",
  run: (scope, host) => {
    const { exact, wildcards } = scope.ask(virtualServiceIndex, "");
    const entries = withAliases(scope, host).flatMap((name) => [
      ...(exact.get(name) ?? []),
      ...wildcards.flatMap(([pattern, found]) => (hostMatches(pattern, name) ? found : [])),
    ]);
    const mentions = entries.map((entry) => scope.ask(virtualServiceMentions, entry.key));
    const called = [host, ...mentions.flatMap((m) => m.destinations.map((d) => d.host))];
    const fallbacks = called.flatMap((name) => withAliases(scope, name)).map((name) => fallbackAudience(scope, name));
    const hosts = new Set([...called, ...fallbacks.flatMap((f) => f.hosts)]);
    const namespaces = new Set([
      ...entries.flatMap((entry) => listeners(entry.exportTo, entry.namespace)),
      // A namespace's own routes come before VirtualServices there, and not elsewhere.
      ...(entries.length > 1 ? entries.filter((e) => isMeshRouteGroup(e.key)).map((e) => e.namespace) : []),
      ...[...hosts].flatMap((named) => scope.ask(destinationNamespaces, named)),
      ...fallbacks.flatMap((f) => f.namespaces),
      ...mentions.flatMap((m) => m.source.namespaces),
    ]);
    return { namespaces: [...namespaces].sort(), mentions: mentions.map((m) => m.source) };
  },
};

/** A host and all that it may stand for, through ExternalName services; they may go in a circle. */
function withAliases(scope: Scope, host: string): readonly string[] {
  const index = scope.ask(serviceIndex, "");
  const found = new Set([host]);
  for (const name of found)
    for (const { alias } of index.get(name) ?? []) if (alias !== undefined) found.add(alias.toLowerCase());
  return [...found];
}

/** The view as far as these routes can tell it from others. */
export function viewAmong(view: View, { namespaces, mentions }: Audience): View {
  // What a Sidecar leaves out may be any of it; equal routes are shared by what they are made of all the same.
  if (view.sidecar !== undefined || namespaces.includes(view.namespace)) return view;
  return { kind: view.kind, namespace: "", labels: projectSource(view, mentions).labels };
}

/** Namespaces that an export which is not for all speaks of. */
function listeners(exportTo: readonly string[], owner: string): readonly string[] {
  if (exportTo.length === 1 && exportTo[0] === "*") return [];
  return [owner, ...exportTo.filter((ns) => ns !== "*" && ns !== "." && ns !== "~")];
}

/** Namespaces that may see another service, or another DestinationRule, behind a host. Key: host. */
const destinationNamespaces: Step<readonly string[]> = {
  name: "plan/destinationNamespaces",
  run: (scope, host) => {
    const found = withAliases(scope, host).flatMap((name) => {
      const services = scope.ask(serviceIndex, "").get(name) ?? [];
      return [
        ...services.flatMap((s) => listeners(s.exportTo, s.namespace)),
        ...(services.length > 1 ? services.map((s) => s.namespace) : []),
        ...ruleNamespaces(scope, name),
      ];
    });
    return [...new Set(found)].sort();
  },
};

function ruleNamespaces(scope: Scope, host: string): readonly string[] {
  const { exact, wildcards } = scope.ask(ruleHosts, "");
  const covering = wildcards.flatMap(([pattern, namespaces]) => (hostMatches(pattern, host) ? namespaces : []));
  return [...(exact.get(host) ?? []), ...covering];
}

/** Host pattern → namespaces that have a DestinationRule for it or are named by its export. Key: none. */
const ruleHosts: Step<{
  readonly exact: ReadonlyMap<string, readonly string[]>;
  readonly wildcards: readonly (readonly [string, readonly string[]])[];
}> = {
  name: "plan/destinationRuleAudience",
  run: (scope) => {
    const byHost = new Map<string, string[]>();
    for (const namespace of scope.namespaces(types.DestinationRule))
      for (const [host, exportTo] of scope.ask(ruleHostsIn, namespace))
        byHost.set(host, [...(byHost.get(host) ?? []), namespace, ...listeners(exportTo, namespace)]);
    const wildcards = [...byHost].filter(([host]) => host.startsWith("*"));
    for (const [host] of wildcards) byHost.delete(host);
    return { exact: byHost, wildcards };
  },
};

/** Key: namespace. */
const ruleHostsIn: Step<readonly (readonly [string, readonly string[]])[]> = {
  name: "plan/destinationRuleHostsIn",
  run: (scope, namespace) => {
    const { domain } = scope.ask(mesh, "");
    return scope
      .list<DestinationRuleSpec>(types.DestinationRule, namespace)
      .map(({ spec }) => [fullHost(spec.host, namespace, domain).toLowerCase(), spec.exportTo ?? []] as const);
  },
};
