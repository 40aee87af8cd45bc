import { covers, type PodLike, podLikes } from "../analysis/workloads.ts";
import type { ConfigFacts, FactRef, FactService, FactVersion } from "../api/contract/facts.ts";
import type { Discovery } from "../discovery/discovery.ts";
import { fullHost } from "../model/full-host.ts";
import { all, list } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { mesh } from "../plan/mesh.ts";
import { serviceIndex } from "../plan/registry/service-index.ts";
import type { Service } from "../plan/service.ts";

/** The most services and workloads that are told at once. */
const most = 2000;
/** Labels that name a version, the usual one first. */
const versionLabels = ["version", "app.kubernetes.io/version"];

/** Names of the mesh as it is, of some namespaces or (none) of all. */
export function factsOf(
  discovery: Discovery,
  writes: ConfigFacts["writes"],
  namespaces: ReadonlySet<string>,
): ConfigFacts {
  const { tracker } = discovery;
  const { snapshot } = tracker;
  const { domain, trustDomain, rootNamespace } = tracker.ask(mesh, "");
  const asked = (namespace: string) => namespaces.size === 0 || namespaces.has(namespace);
  const index = tracker.ask(serviceIndex, "");
  const services = [...index.values()]
    .flat()
    .filter((s) => asked(s.namespace))
    .sort((a, b) => compare(a, b));
  const pods = podsByNamespace(tracker.ask(podLikes, ""));
  const rules = rulesByHost(discovery, domain);
  return {
    namespaces: namespacesOf(discovery),
    services: services.slice(0, most).map((service) => factService(service, pods, rules)),
    servicesLeft: Math.max(0, services.length - most),
    workloads: workloadsIn([...pods.values()].flat().filter((p) => asked(p.namespace))).slice(0, most),
    gateways: [types.Gateway, types.KubernetesGateway].flatMap((type) => all(snapshot, type).map(refOf)),
    gatewayClasses: all(snapshot, types.GatewayClass).map((c) => c.name),
    trustDomain,
    rootNamespace,
    writes,
  };
}

function factService(
  service: Service,
  pods: ReadonlyMap<string, readonly PodLike[]>,
  rules: ReadonlyMap<string, readonly FactRef[]>,
): FactService {
  const { host, kind, namespace, name, ports, selector } = service;
  const members = selector ? (pods.get(namespace) ?? []).filter((p) => covers(selector, p.labels)) : [];
  return {
    host,
    kind,
    namespace,
    name,
    ports: ports.map(({ number, name, protocol }) => ({ number, name, protocol })),
    versions: versionsOf(members),
    rules: rules.get(`${namespace}/${host}`) ?? [],
  };
}

function versionsOf(members: readonly PodLike[]): readonly FactVersion[] {
  const found = new Map<string, FactVersion>();
  for (const { labels } of members) {
    const label = versionLabels.find((name) => labels[name] !== undefined);
    const name = label && labels[label];
    if (label && name) found.set(name, { name, labels: { [label]: name } });
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

/** VirtualServices and DestinationRules by `namespace/host`, of those that are in the service's own namespace. */
function rulesByHost({ tracker }: Discovery, domain: string): ReadonlyMap<string, readonly FactRef[]> {
  const found = new Map<string, FactRef[]>();
  for (const type of [types.VirtualService, types.DestinationRule]) {
    for (const rule of all(tracker.snapshot, type)) {
      const { hosts, host } = rule.spec as { readonly hosts?: readonly string[]; readonly host?: string };
      for (const one of hosts ?? (host === undefined ? [] : [host])) {
        const key = `${rule.namespace}/${fullHost(one, rule.namespace, domain)}`;
        const refs = found.get(key);
        if (refs) refs.push(refOf(rule));
        else found.set(key, [refOf(rule)]);
      }
    }
  }
  return found;
}

function podsByNamespace(pods: readonly PodLike[]): ReadonlyMap<string, readonly PodLike[]> {
  return Map.groupBy(pods, (p) => p.namespace);
}

/** One row for pods that are alike: of the same labels but for what Kubernetes adds, and the same account. */
function workloadsIn(pods: readonly PodLike[]): ConfigFacts["workloads"] {
  const seen = new Map<string, ConfigFacts["workloads"][number]>();
  for (const { namespace, name, labels, spec } of pods) {
    const { "pod-template-hash": _hash, ...kept } = labels;
    const serviceAccount = (spec as { readonly serviceAccountName?: string }).serviceAccountName ?? "default";
    const key = JSON.stringify([namespace, Object.entries(kept).sort(), serviceAccount]);
    const before = seen.get(key);
    if (before === undefined || name.length < before.name.length)
      seen.set(key, { namespace, name, labels: kept, serviceAccount });
  }
  return [...seen.values()].sort(compare);
}

function namespacesOf({ tracker: { snapshot } }: Discovery): readonly string[] {
  const named = list(snapshot, types.Namespace, "").map((n) => n.name);
  const used = [...snapshot.objects.values()].flatMap((byNamespace) => [...byNamespace.keys()]);
  return [...new Set([...named, ...used])].filter((name) => name !== "").sort();
}

function refOf({ type, namespace, name }: FactRef): FactRef {
  return { type, namespace, name };
}

function compare(a: Omit<FactRef, "type">, b: Omit<FactRef, "type">): number {
  return a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name);
}
