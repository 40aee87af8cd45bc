import type { GraphNode, Trait } from "../contract/graph.ts";
import type { Health } from "../contract/health.ts";
import type { MeasuredEdge } from "../edges.ts";
import { parseNodeId } from "../ends.ts";
import { trafficHealth, workloadHealth, worse } from "../health.ts";
import type { Member } from "../roster.ts";
import { appNode, type Lens, type Seen } from "./lens.ts";
import type { Traits } from "./traits.ts";

/** What is known of nodes beside their traffic. */
export interface Known {
  readonly traits?: Traits;
  /** Services of the mesh: full host → namespace and labels. */
  readonly services?: ReadonlyMap<
    string,
    { readonly namespace: string; readonly labels: Readonly<Record<string, string>> }
  >;
  /** Hosts that each gateway lets in, by the id of its workload. */
  readonly hostnames?: ReadonlyMap<string, readonly string[]>;
}

interface Ground {
  readonly lens: Lens;
  readonly seen: Seen;
  readonly roster: ReadonlyMap<string, Member>;
  /** Workloads whose proxies reported anything. */
  readonly reporters: ReadonlySet<string>;
  /** Edges between workloads, by their target. */
  readonly inbound: ReadonlyMap<string, readonly MeasuredEdge[]>;
  readonly wanted: (id: string) => boolean;
  readonly past: boolean;
  /** Some namespaces were chosen, so that others are outside. */
  readonly outside: boolean;
}

/** Workloads that one node tells by name. */
const mostWorkloads = 100;

/** All nodes, by id: ends of edges, and what runs in the wanted namespaces without traffic. */
export function nodesOf(ground: Ground, known: Known): readonly GraphNode[] {
  const { lens, seen, roster, wanted } = ground;
  const members = new Map([...seen.members].map(([id, workloads]) => [id, new Set(workloads)]));
  const ids = new Set(seen.edges.flatMap((e) => [e.source, e.target]));
  if (lens.type === "service") {
    for (const [host, { namespace }] of known.services ?? []) {
      const id = `service/${namespace}/${host}`;
      if (wanted(id)) ids.add(id);
    }
  } else {
    for (const member of roster.values()) {
      if (!wanted(member.id) || !isPart(member)) continue;
      const id = lens.type === "workload" ? member.id : appNode(member.id, member, lens.type);
      ids.add(id);
      if (id !== member.id) members.set(id, (members.get(id) ?? new Set()).add(member.id));
    }
  }
  return [...ids].sort().map((id) => nodeOf(id, [...(members.get(id) ?? [])], ground, known));
}

/** A Deployment that nothing runs for (kept at no replicas, or of another place) is no part of the picture. */
function isPart(member: Member): boolean {
  return member.pods.length > 0 || member.proxies.length > 0;
}

function nodeOf(id: string, workloads: readonly string[], ground: Ground, known: Known): GraphNode {
  const { type, namespace, name } = parseNodeId(id);
  const own = workloads.length > 0 ? workloads : [id];
  const running = own.flatMap((w) => ground.roster.get(w) ?? []);
  const traits = traitsFor(id, type, own, known.traits);
  const hostnames = own.flatMap((w) => known.hostnames?.get(w) ?? []);
  const [cluster] = running.flatMap((m) => m.proxies.map((p) => p.proxy.kubeCluster));
  return {
    id,
    type: kindOf(type, running),
    namespace,
    ...named(type, name, running),
    health: healthOf(type, own, ground),
    inMesh: type === "service" || own.some((w) => inMesh(w, ground)),
    ...labelled(id, type, running, known),
    ...(cluster === undefined ? {} : { cluster }),
    ...(traits.length > 0 ? { traits } : {}),
    ...(hostnames.length > 0 ? { hostnames: [...new Set(hostnames)].sort() } : {}),
    ...(workloads.length > 0 ? { workloads: workloads.toSorted().slice(0, mostWorkloads) } : {}),
    ...(ground.outside && !ground.wanted(id) ? { outside: true } : {}),
    ...outsideHost(type, name, own, ground, known),
  };
}

function kindOf(type: string, running: readonly Member[]): GraphNode["type"] {
  const router = running.length > 0 && running.every((m) => m.kind === "gateway");
  return router && (type === "workload" || type === "app") ? "gateway" : (type as GraphNode["type"]);
}

/** Name, app and version as they are shown. */
function named(type: string, name: string, running: readonly Member[]): Pick<GraphNode, "name" | "app" | "version"> {
  const [member] = running;
  if (type === "app") {
    const [app = name, ...version] = name.split("/");
    return { name: app, app, version: version.join("/") };
  }
  if (type === "operation") {
    const [app = "", ...rest] = name.split("/");
    return { name: rest.join("/"), app, version: "" };
  }
  const short = type === "service" ? (name.split(".")[0] ?? name) : name;
  if (type === "service") return { name: short, app: short, version: "" };
  return { name: short, app: member?.app ?? short, version: member?.version ?? "" };
}

function healthOf(type: string, workloads: readonly string[], { roster, inbound, past }: Ground): Health {
  if (type === "unknown") return "unknown";
  const verdicts = workloads.map((id): Health => {
    const member = past ? undefined : roster.get(id);
    const edges = inbound.get(id) ?? [];
    return member ? workloadHealth(member, edges).health : trafficHealth(edges);
  });
  const told = verdicts.filter((h) => h !== "unknown");
  return told.length === 0 ? "unknown" : told.reduce<Health>(worse, "healthy");
}

function inMesh(workload: string, { roster, reporters }: Ground): boolean {
  const member = roster.get(workload);
  return member ? member.proxies.length > 0 : reporters.has(workload);
}

/** Labels that all workloads of a node share; a Service's own. */
function labelled(id: string, type: string, running: readonly Member[], known: Known): Pick<GraphNode, "labels"> {
  if (type === "service") {
    const labels = known.services?.get(parseNodeId(id).name)?.labels;
    return labels && Object.keys(labels).length > 0 ? { labels } : {};
  }
  const [first, ...others] = running;
  if (first === undefined) return {};
  const shared = Object.entries(first.labels).filter(([key, value]) => others.every((m) => m.labels[key] === value));
  return shared.length > 0 ? { labels: Object.fromEntries(shared) } : {};
}

function traitsFor(id: string, type: string, workloads: readonly string[], traits: Traits | undefined): Trait[] {
  const host = type === "service" || type === "external" ? traits?.hosts.get(parseNodeId(id).name) : undefined;
  const own = type === "service" ? [] : workloads.flatMap((w) => [...(traits?.workloads.get(w) ?? [])]);
  return [...new Set([...(host ?? []), ...own])].sort();
}

/** Whether a ServiceEntry has this host, and how calls of it fare without one. */
function outsideHost(
  type: string,
  name: string,
  own: readonly string[],
  { inbound }: Ground,
  known: Known,
): Pick<GraphNode, "serviceEntry" | "reach"> {
  if (type !== "external") return {};
  const entry = known.traits?.entries.get(name) ?? wildcardEntry(name, known.traits);
  if (entry !== undefined) return { serviceEntry: entry };
  const via = own.flatMap((id) => inbound.get(id) ?? []).map((e) => e.via);
  if (via.includes("BlackHoleCluster")) return { reach: "blocked" };
  return via.some((v) => v !== undefined) ? { reach: "passthrough" } : {};
}

function wildcardEntry(name: string, traits: Traits | undefined): string | undefined {
  const parts = name.split(".");
  for (let i = 1; i < parts.length; i++) {
    const entry = traits?.entries.get(`*.${parts.slice(i).join(".")}`);
    if (entry !== undefined) return entry;
  }
  return undefined;
}
