import type { GraphType } from "../contract/graph.ts";
import type { AppOf, MeasuredEdge } from "../edges.ts";
import { parseNodeId } from "../ends.ts";
import type { Member } from "../roster.ts";
import { mergedEdge } from "./merge.ts";

/** What of a mesh's traffic the nodes are made of. */
export interface Lens {
  readonly type: GraphType;
  /** The service stands between caller and callee. */
  readonly services: boolean;
  /** `request_operation` stands before the callee. */
  readonly operations: boolean;
}

export const plainLens: Lens = { type: "workload", services: false, operations: false };

/** Edges between the nodes of a lens, and which workloads each node stands for. */
export interface Seen {
  readonly edges: readonly MeasuredEdge[];
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Workload edges through a lens. What leads between the same two nodes becomes one edge a protocol (and service, between workloads). */
export function seenThrough(lens: Lens, edges: readonly MeasuredEdge[], roster: ReadonlyMap<string, Member>): Seen {
  const nodeOf = naming(lens, edges, roster);
  const members = new Map<string, Set<string>>();
  const groups = new Map<string, { source: string; target: string; edges: MeasuredEdge[] }>();
  for (const edge of edges) {
    const ends = [nodeOf(edge.source, edge), nodeOf(edge.target, edge)] as const;
    for (const [i, id] of ends.entries()) {
      const workload = i === 0 ? edge.source : edge.target;
      if (id !== workload) members.set(id, (members.get(id) ?? new Set()).add(workload));
    }
    for (const [source, target] of hops(lens, ends, edge, members)) {
      const service = lens.type === "workload" && !lens.services && !lens.operations ? edge.service : "";
      const id = [source, target, edge.protocol, service].join(">");
      const group = groups.get(id) ?? { source, target, edges: [] };
      group.edges.push(edge);
      groups.set(id, group);
    }
  }
  if (lens.type === "workload" && !lens.services && !lens.operations) return { edges, members };
  return { edges: [...groups].map(([id, { edges: all, ...ends }]) => mergedEdge({ id, ...ends }, all)), members };
}

/** The node that stands for a workload: by the lens, its app and version, or the service that it is called as. */
function naming(
  lens: Lens,
  edges: readonly MeasuredEdge[],
  roster: ReadonlyMap<string, Member>,
): (id: string, edge: MeasuredEdge) => string {
  if (lens.type === "workload") return (id) => id;
  if (lens.type === "service") {
    const called = calledAs(edges);
    return (id, edge) => (id === edge.target ? (serviceNode(edge) ?? id) : (called.get(id) ?? id));
  }
  const apps = appsOf(edges, roster);
  return (id) => appNode(id, apps.get(id), lens.type);
}

/** The node of an app (`versioned`: of one of its versions); the id itself where it is no workload. */
export function appNode(id: string, app: AppOf | undefined, type: GraphType): string {
  const { type: kind, namespace, name } = parseNodeId(id);
  if (kind !== "workload") return id;
  const known = app ?? { app: name, version: "" };
  return type === "versioned" && known.version !== ""
    ? `app/${namespace}/${known.app}/${known.version}`
    : `app/${namespace}/${known.app}`;
}

/** App and version of each workload: as it runs now, or as it was reported. */
function appsOf(edges: readonly MeasuredEdge[], roster: ReadonlyMap<string, Member>): ReadonlyMap<string, AppOf> {
  const apps = new Map<string, AppOf>();
  for (const { source, target, apps: said } of edges) {
    if (said?.source) apps.set(source, said.source);
    if (said?.target) apps.set(target, said.target);
  }
  for (const [id, { app, version }] of roster) apps.set(id, { app, version });
  return apps;
}

/** The service that an edge asks for, as a node; undefined where it is none of the mesh's. */
function serviceNode({ service, target }: MeasuredEdge): string | undefined {
  if (target.startsWith("service/") || target.startsWith("external/")) return target;
  const inside = /^[^.]+\.([^.]+)\.svc(\.|$)/.exec(service);
  if (inside) return `service/${inside[1]}/${service}`;
  const { namespace } = parseNodeId(target);
  return service === "unknown" || !service.includes(".") ? undefined : `service/${namespace}/${service}`;
}

/** A caller is shown as the service that it is called as most. */
function calledAs(edges: readonly MeasuredEdge[]): ReadonlyMap<string, string> {
  const best = new Map<string, { readonly node: string; readonly count: number }>();
  for (const edge of edges) {
    const node = serviceNode(edge);
    const before = best.get(edge.target);
    if (node && (before === undefined || edge.count > before.count)) best.set(edge.target, { node, count: edge.count });
  }
  return new Map([...best].map(([id, { node }]) => [id, node]));
}

/** Each edge as the hops that it takes: by way of its service and its operation, where those are shown. */
function hops(
  lens: Lens,
  [source, target]: readonly [string, string],
  edge: MeasuredEdge,
  members: Map<string, Set<string>>,
): readonly (readonly [string, string])[] {
  const way = [source];
  const service = serviceNode(edge);
  const through = (id: string) => {
    if (id === target || way.includes(id)) return;
    way.push(id);
    members.set(id, (members.get(id) ?? new Set()).add(edge.target));
  };
  if (lens.services && lens.type !== "service" && service !== undefined) through(service);
  if (lens.operations && edge.operation !== undefined) {
    const { namespace, name } = parseNodeId(service ?? target);
    through(`operation/${namespace}/${name.split(".")[0]}/${edge.operation}`);
  }
  way.push(target);
  return way.slice(1).map((to, i) => [way[i] as string, to] as const);
}
