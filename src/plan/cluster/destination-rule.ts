import type { DestinationRuleSpec, Subset, TrafficPolicy } from "../../gen/istio/destination-rule.ts";
import { fullHost } from "../../model/full-host.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { bySpecificity, hostMatches } from "../host.ts";
import { mesh } from "../mesh.ts";
import { exportedTo } from "../registry/visibility.ts";
import type { Service } from "../service.ts";
import type { View } from "../view.ts";

/** What all rules together say about one host. */
export interface MergedDestinationRule {
  /** By name. Of two subsets of one name the older rule's counts. */
  readonly subsets: ReadonlyMap<string, Subset>;
  /** Of the oldest rule that has one. */
  readonly trafficPolicy?: TrafficPolicy;
  /** Whether the rule is for some workloads only. */
  readonly selective: boolean;
  /** `reviews.yaml:14:1`, oldest rule first. */
  readonly origins: readonly string[];
  /** The rules, oldest first. */
  readonly refs: readonly RuleRef[];
}

export interface RuleRef {
  readonly namespace: string;
  readonly name: string;
}

/** The key of `destinationRuleFor`. */
export function destinationRuleKey(view: View, service: Pick<Service, "host" | "namespace">): string {
  return JSON.stringify([view.namespace, service.namespace, service.host, view.labels]);
}

/**
 * The rule that holds for a client's calls to a service. Key: `destinationRuleKey`.
 * Lookup: the client's namespace, the service's, the root namespace; in the first that has one for this client, the most specific host; there, a
 * rule whose workloadSelector covers the client before those without one. Source: istio.io/latest/docs/ops/best-practices/traffic-management#cross-namespace-configuration
 */
export const destinationRuleFor: Step<MergedDestinationRule | undefined> = {
  name: "plan/destinationRuleFor",
  run: (scope, key) => {
    const [namespace, owner, host, labels] = JSON.parse(key) as [string, string, string, View["labels"]];
    const refs = ruleRefs(scope, { kind: "sidecar", namespace, labels }, { host, namespace: owner });
    return refs.length === 0 ? undefined : scope.ask(mergedRule, ruleKey(refs));
  },
};

/** The rules for a client's calls to a service, oldest first; empty when there is none. */
export function ruleRefs(scope: Scope, view: View, service: Pick<Service, "host" | "namespace">): readonly RuleRef[] {
  const { rootNamespace } = scope.ask(mesh, "");
  for (const namespace of new Set([view.namespace, service.namespace, rootNamespace])) {
    const group = groupIn(scope, namespace, view, service.host, (g) =>
      exportedTo(g.exportTo, namespace, view.namespace),
    );
    // What the root namespace says to everybody must not hide a service's own rule from gateways that live there.
    const forAll =
      namespace === rootNamespace && view.namespace === rootNamespace && service.namespace !== rootNamespace;
    const own = forAll
      ? (groupIn(scope, namespace, view, service.host, (g) => isPrivate(g, namespace)) ??
        groupIn(scope, service.namespace, view, service.host, (g) =>
          exportedTo(g.exportTo, service.namespace, view.namespace),
        ))
      : undefined;
    const chosen = own ?? group;
    if (chosen !== undefined) return chosen;
  }
  return [];
}

/** Of the most specific pattern that has a rule for this client: the one that selects its workload, else the one for all. */
function groupIn(
  scope: Scope,
  namespace: string,
  view: View,
  host: string,
  counts: (group: RuleGroup) => boolean,
): readonly RuleRef[] | undefined {
  for (const groups of scope.ask(groupsForHost, `${namespace}|${host}`)) {
    const seen = groups.filter(counts);
    const group =
      seen.find((g) => g.selector !== undefined && covers(g.selector, view.labels)) ??
      seen.find((g) => g.selector === undefined);
    if (group !== undefined) return group.rules.map((name) => ({ namespace, name }));
  }
  return undefined;
}

function isPrivate(group: RuleGroup, namespace: string): boolean {
  return group.exportTo.every((ns) => ns === "." || ns === namespace);
}

/** The key of `mergedRule`. */
export function ruleKey(refs: readonly RuleRef[]): string {
  return refs.map((r) => `${r.namespace}/${r.name}`).join(",");
}

/** Rules made one. Key: `ruleKey`. */
export const mergedRule: Step<MergedDestinationRule | undefined> = {
  name: "plan/mergedDestinationRule",
  run: (scope, key) => {
    const rules = key.split(",").flatMap((ref) => {
      const slash = ref.indexOf("/");
      const [namespace, name] = [ref.slice(0, slash), ref.slice(slash + 1)];
      return scope.get<DestinationRuleSpec>({ type: types.DestinationRule, namespace, name }) ?? [];
    });
    return rules.length === 0 ? undefined : merge(rules);
  },
};

function merge(rules: readonly Resource<DestinationRuleSpec>[]): MergedDestinationRule {
  const subsets = new Map<string, Subset>();
  for (const rule of rules) {
    for (const subset of rule.spec.subsets ?? []) if (!subsets.has(subset.name)) subsets.set(subset.name, subset);
  }
  const trafficPolicy = rules.find((r) => r.spec.trafficPolicy !== undefined)?.spec.trafficPolicy;
  return {
    subsets,
    ...(trafficPolicy === undefined ? {} : { trafficPolicy }),
    selective: rules.some((r) => selectorOf(r.spec) !== undefined),
    origins: rules.map((r) => r.origin.at),
    refs: rules.map(({ namespace, name }) => ({ namespace, name })),
  };
}

/** Rules of one host pattern in one namespace that are merged: those with the same exportTo and the same selector. */
interface RuleGroup {
  readonly exportTo: readonly string[];
  readonly selector?: Readonly<Record<string, string>>;
  /** Names, oldest first. */
  readonly rules: readonly string[];
}

/** What decides where a rule holds; not what it says, so that an edit of a policy stops here. */
interface RuleEntry extends Omit<RuleGroup, "rules"> {
  readonly name: string;
  readonly host: string;
  readonly createdAt: number;
  /** Equal for rules that are merged. */
  readonly group: string;
}

/** Of one rule. Key: `namespace/name`. */
const ruleEntry: Step<RuleEntry | undefined> = {
  name: "plan/destinationRuleEntry",
  run: (scope, key) => {
    const slash = key.indexOf("/");
    const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)];
    const rule = scope.get<DestinationRuleSpec>({ type: types.DestinationRule, namespace, name });
    if (rule === undefined) return undefined;
    const { domain, defaultDestinationRuleExportTo } = scope.ask(mesh, "");
    const selector = selectorOf(rule.spec);
    const exportTo = selector === undefined ? nonEmpty(rule.spec.exportTo, defaultDestinationRuleExportTo) : ["."];
    const host = fullHost(rule.spec.host, namespace, domain).toLowerCase();
    const group = JSON.stringify([[...exportTo].sort(), Object.entries(selector ?? {}).sort()]);
    return { name, host, createdAt: rule.createdAt, group, exportTo, ...(selector === undefined ? {} : { selector }) };
  },
  early: true,
};

/** Host pattern → groups. Key: namespace. */
const hostIndex: Step<ReadonlyMap<string, readonly RuleGroup[]>> = {
  name: "plan/destinationRuleIndex",
  run: (scope, namespace) => {
    const index = new Map<string, Map<string, RuleGroup>>();
    const entries = scope
      .names(types.DestinationRule, namespace)
      .flatMap((name) => scope.ask(ruleEntry, `${namespace}/${name}`) ?? [])
      .sort((a, b) => a.createdAt - b.createdAt);
    for (const { name, host, group, exportTo, selector } of entries) {
      const groups = index.get(host) ?? new Map<string, RuleGroup>();
      index.set(host, groups);
      const before = groups.get(group)?.rules ?? [];
      groups.set(group, { exportTo, ...(selector === undefined ? {} : { selector }), rules: [...before, name] });
    }
    return new Map([...index].map(([host, groups]) => [host, [...groups.values()]]));
  },
};

/** Wildcard patterns of a namespace, the most specific first. Key: namespace. */
const wildcards: Step<readonly string[]> = {
  name: "plan/destinationRuleWildcards",
  run: (scope, namespace) =>
    [...scope.ask(hostIndex, namespace).keys()].filter((host) => host.startsWith("*")).sort(bySpecificity),
};

/** Groups of each pattern that covers a host, the most specific first. Key: `namespace|host`. */
const groupsForHost: Step<readonly (readonly RuleGroup[])[]> = {
  name: "plan/destinationRulesForHost",
  run: (scope, key) => {
    const bar = key.indexOf("|");
    const [namespace, host] = [key.slice(0, bar), key.slice(bar + 1)];
    const index = scope.ask(hostIndex, namespace);
    const patterns = scope.ask(wildcards, namespace).filter((p) => p !== host && hostMatches(p, host));
    return [host, ...patterns].flatMap((pattern) => [index.get(pattern) ?? []]).filter((groups) => groups.length > 0);
  },
};

function selectorOf(spec: DestinationRuleSpec): Readonly<Record<string, string>> | undefined {
  const labels = spec.workloadSelector?.matchLabels;
  return labels !== undefined && Object.keys(labels).length > 0 ? labels : undefined;
}

function covers(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

function nonEmpty(said: readonly string[] | undefined, fallback: readonly string[]): readonly string[] {
  return said !== undefined && said.length > 0 ? said : fallback;
}
