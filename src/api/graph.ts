import type { Graph, GraphEdge, GraphNode } from "./contract/graph.ts";
import type { Health } from "./contract/health.ts";
import type { MeasuredEdge } from "./edges.ts";
import { parseNodeId } from "./ends.ts";
import { trafficHealth, workloadHealth } from "./health.ts";
import type { Member } from "./roster.ts";

/**
 * The graph of a window. Every workload of the wanted namespaces is on it, with traffic or without, so that a mesh can be seen before its first request;
 * ends outside of them are on it where an edge leads there. No namespaces: all of them.
 */
export function graphOf(
  edges: readonly MeasuredEdge[],
  roster: ReadonlyMap<string, Member>,
  query: { readonly at: number; readonly window: number; readonly namespaces: ReadonlySet<string> },
): Graph {
  const { at, window, namespaces } = query;
  const wanted = (id: string) => namespaces.size === 0 || namespaces.has(parseNodeId(id).namespace);
  const shown = edges.filter((e) => wanted(e.source) || wanted(e.target));
  const ids = new Set(shown.flatMap((e) => [e.source, e.target]));
  for (const member of roster.values()) if (wanted(member.id) && isPart(member)) ids.add(member.id);
  const inbound = Map.groupBy(edges, (e) => e.target);
  const reporters = new Set(edges.flatMap((e) => [...e.reporters]));
  const nodes = [...ids].sort().map((id) => nodeOf(id, roster.get(id), inbound.get(id) ?? [], reporters));
  return { at, window, nodes, edges: shown.map(plainEdge) };
}

/** A Deployment that nothing runs for (kept at no replicas, or of another place) is no part of the picture. */
function isPart(member: Member): boolean {
  return member.pods.length > 0 || member.proxies.length > 0;
}

function nodeOf(
  id: string,
  member: Member | undefined,
  inbound: readonly MeasuredEdge[],
  reporters: ReadonlySet<string>,
): GraphNode {
  const { type, namespace, name } = parseNodeId(id);
  const host = type === "service" ? (name.split(".")[0] ?? name) : name;
  return {
    id,
    type: member?.kind === "gateway" ? "gateway" : (type as GraphNode["type"]),
    namespace,
    name: host,
    app: member?.app ?? host,
    version: member?.version ?? "",
    health: nodeHealth(type, member, inbound),
    inMesh: member ? member.proxies.length > 0 : reporters.has(id),
  };
}

function nodeHealth(type: string, member: Member | undefined, inbound: readonly MeasuredEdge[]): Health {
  if (member) return workloadHealth(member, inbound).health;
  return type === "unknown" ? "unknown" : trafficHealth(inbound);
}

/** An edge as the contract has it. */
function plainEdge(edge: MeasuredEdge): GraphEdge {
  const { count: _count, errors: _errors, opened: _opened, latency: _latency, reporters: _reporters, ...plain } = edge;
  return plain;
}
