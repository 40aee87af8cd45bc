import type { Labels } from "../model/sample.ts";

/** The two ends of what a series counts, as node ids of the graph, and the service that was asked for. */
export interface Ends {
  readonly source: string;
  readonly target: string;
  /** `reviews.default.svc.cluster.local`; `unknown` where the report does not say. */
  readonly service: string;
  readonly protocol: "http" | "grpc" | "tcp";
}

/** `workload/default/reviews-v1`. */
export function workloadId(namespace: string, name: string): string {
  return `workload/${namespace}/${name}`;
}

/** Reads the ends off Istio's labels. */
export function endsOf(labels: Labels): Ends {
  const known = (name: string) => (labels[name] === undefined || labels[name] === "unknown" ? undefined : labels[name]);
  const sourceName = known("source_workload");
  const targetName = known("destination_workload");
  const service = known("destination_service");
  const protocol = labels["request_protocol"];
  return {
    source: sourceName ? workloadId(known("source_workload_namespace") ?? "unknown", sourceName) : "unknown",
    target: targetName
      ? workloadId(known("destination_workload_namespace") ?? "unknown", targetName)
      : serviceEnd(service, known("destination_service_name"), known("destination_service_namespace")),
    service: service ?? "unknown",
    protocol: protocol === "grpc" || protocol === "tcp" ? protocol : "http",
  };
}

const outsides: readonly string[] = ["PassthroughCluster", "BlackHoleCluster", "AllowAnyDynamicDNSCluster"];

/** Where no server answered, the service that was meant; a name outside of the mesh is the outside. */
function serviceEnd(host: string | undefined, name: string | undefined, namespace: string | undefined): string {
  const outside = outsides.includes(name ?? "");
  if (host === undefined) return outside ? `external/${name}` : "unknown";
  const inside = /^([^.]+)\.([^.]+)\.svc(\.|$)/.exec(host);
  return inside && !outside ? `service/${namespace ?? inside[2]}/${host}` : `external/${host}`;
}

/** Type, namespace and name of a node id. */
export function parseNodeId(id: string): { readonly type: string; readonly namespace: string; readonly name: string } {
  const [type = "unknown", first = "", ...rest] = id.split("/");
  if (type === "workload" || type === "service") return { type, namespace: first, name: rest.join("/") };
  return { type, namespace: "", name: type === "unknown" ? "unknown" : [first, ...rest].join("/") };
}
