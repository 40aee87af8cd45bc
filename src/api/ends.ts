import type { Labels } from "../model/sample.ts";

/** The two ends of what a series counts, as node ids of the graph, and the service that was asked for. */
export interface Ends {
  readonly source: string;
  readonly target: string;
  /** `reviews.default.svc.cluster.local`; `unknown` where the report does not say. */
  readonly service: string;
  readonly protocol: "http" | "grpc" | "tcp";
  /** How a host outside of every service was reached: `PassthroughCluster`, `BlackHoleCluster`. */
  readonly via?: string;
}

/** `workload/default/reviews-v1`. */
export function workloadId(namespace: string, name: string): string {
  return `workload/${namespace}/${name}`;
}

/** The history hands out the same labels of a series for every question. */
const read = new WeakMap<Labels, Ends>();

/** Reads the ends off Istio's labels. */
export function endsOf(labels: Labels): Ends {
  const before = read.get(labels);
  if (before !== undefined) return before;
  const ends = endsIn(labels);
  read.set(labels, ends);
  return ends;
}

function endsIn(labels: Labels): Ends {
  const known = (name: string) => (labels[name] === undefined || labels[name] === "unknown" ? undefined : labels[name]);
  const sourceName = known("source_workload");
  const targetName = known("destination_workload");
  const service = known("destination_service");
  const protocol = labels["request_protocol"];
  const name = known("destination_service_name");
  return {
    source: sourceName ? workloadId(known("source_workload_namespace") ?? "unknown", sourceName) : "unknown",
    target: targetName
      ? workloadId(known("destination_workload_namespace") ?? "unknown", targetName)
      : serviceEnd(service, name, known("destination_service_namespace")),
    service: service ?? "unknown",
    protocol: protocol === "grpc" || protocol === "tcp" ? protocol : "http",
    ...(!targetName && outsides.includes(name ?? "") ? { via: name as string } : {}),
  };
}

const outsides: readonly string[] = ["PassthroughCluster", "BlackHoleCluster", "AllowAnyDynamicDNSCluster"];

/** A host outside of the mesh that was called by no name: no Host, no server name, no address. */
const unnamedHost = "external/unnamed host";

/** Where no server answered, the service that was meant; a name outside of the mesh is the outside. */
function serviceEnd(host: string | undefined, name: string | undefined, namespace: string | undefined): string {
  const outside = outsides.includes(name ?? "");
  if (host === undefined || outsides.includes(host)) return outside ? unnamedHost : "unknown";
  const inside = /^([^.]+)\.([^.]+)\.svc(\.|$)/.exec(host);
  return inside && !outside ? `service/${namespace ?? inside[2]}/${host}` : `external/${host}`;
}

const withNamespace = new Set(["workload", "service", "app", "operation"]);

/** Type, namespace and name of a node id. */
export function parseNodeId(id: string): { readonly type: string; readonly namespace: string; readonly name: string } {
  const [type = "unknown", first = "", ...rest] = id.split("/");
  if (type === "namespace") return { type, namespace: first, name: first };
  if (withNamespace.has(type)) return { type, namespace: first, name: rest.join("/") };
  return { type, namespace: "", name: type === "unknown" ? "unknown" : [first, ...rest].join("/") };
}
