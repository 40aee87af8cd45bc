import type { GraphEdge, GraphNode } from "../../../src/api/contract/graph.ts";

/** A page that says more of something on the graph, with its address. */
export interface Way {
  readonly words: string;
  readonly to: "/traces" | "/tap";
  readonly search: Readonly<Record<string, string>>;
}

/** A list of traces takes so many workloads. */
const mostWorkloads = 20;

/** Where to read on about a node: its traces, its requests as they pass. */
export function waysOfNode(node: GraphNode): readonly Way[] {
  const traces = tracesOf(node);
  const runs = node.type === "workload" || node.type === "gateway" || node.type === "app";
  return [
    ...(traces ? [{ words: "Its traces", to: "/traces" as const, search: traces }] : []),
    ...(runs ? [{ words: "Its requests, as they pass", to: "/tap" as const, search: tapOf(node) }] : []),
  ];
}

function tracesOf(node: GraphNode): Record<string, string> | undefined {
  const host = node.id
    .split("/")
    .slice(node.type === "service" ? 2 : 1)
    .join("/");
  if (node.type === "service" || (node.type === "external" && !node.members)) return { service: host };
  const own = node.id.startsWith("workload/") ? [node.id] : (node.workloads ?? []);
  const workloads = own.filter((id) => id.startsWith("workload/")).slice(0, mostWorkloads);
  return workloads.length > 0 ? { workload: workloads.map((id) => id.slice("workload/".length)).join(",") } : undefined;
}

function tapOf(node: GraphNode): Record<string, string> {
  return { workload: node.type === "app" ? node.app : node.name, ...(node.namespace ? { ns: node.namespace } : {}) };
}

/** Where to read on about an edge: its traces; and where some of it is refused, by which policy, and the policy that would let it in. */
export function waysOfEdge(edge: GraphEdge, target: GraphNode | undefined): readonly Way[] {
  const plain = edge.id.split(">").length === 4 && !edge.id.endsWith(">");
  const refused = (edge.codes["403"] ?? 0) > 0 || edge.flags["UAEX"] !== undefined;
  const runs = target && (target.type === "workload" || target.type === "gateway" || target.type === "app");
  return [
    ...(plain && edge.protocol !== "tcp"
      ? [{ words: "Its traces", to: "/traces" as const, search: { edge: edge.id } }]
      : []),
    ...(refused && runs
      ? [
          {
            words: "What is refused, by which policy, and the policy that would let it in",
            to: "/tap" as const,
            search: { ...tapOf(target), verdict: "denied" },
          },
        ]
      : []),
  ];
}
