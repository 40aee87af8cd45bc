import type { Local } from "../local.ts";
import { outsideFilter } from "../route/outside.ts";
import { peerMetadata } from "./peer.ts";

/** Label → access-log format of its value, in the order of Istio's standard metrics. A missing value comes out empty. */
export type Labels = Readonly<Record<string, string>>;

/** Filter state in which a sidecar keeps its caller's namespace and ServiceAccount, taken out of the verified certificate. */
export const peerState = { namespace: "weft.peer.namespace", serviceAccount: "weft.peer.service_account" } as const;

const grpcGuard =
  "('content-type' in request.headers) && request.headers['content-type'].startsWith('application/grpc')";

/** Literal where the port says it; only ports that carry both are asked for each request. */
export function protocolLabel(protocols: { readonly http: boolean; readonly grpc: boolean }): string {
  if (!protocols.grpc) return "http";
  return protocols.http ? `%CEL(${grpcGuard} ? 'grpc' : 'http')%` : "grpc";
}

type Operator = readonly [command: string, param?: string];

/** The first that has a value. */
function firstOf(...operators: readonly Operator[]): string {
  const written = operators.map(([command, param]) => (param === undefined ? command : { command, param }));
  return `%COALESCE(${JSON.stringify({ operators: written })})%`;
}

const [serviceHost, serviceName]: readonly [Operator, Operator] = [
  ["CLUSTER_METADATA", "istio:host"],
  ["CLUSTER_METADATA", "istio:service_name"],
];

/** What a sidecar reports of a request: one to a stranger is named by its Host. Known services cost nothing more: they have the first value. */
export function outboundRequestLabels(local: Local, requestProtocol: string): Labels {
  return {
    ...sourceLabels(local, requestProtocol),
    destination_service: firstOf(serviceHost, ["DYNAMIC_METADATA", `${outsideFilter}:host`], serviceName),
    destination_service_name: firstOf(serviceName, ["DYNAMIC_METADATA", `${outsideFilter}:service_name`]),
  };
}

/** What a sidecar reports of a connection: one to a stranger is named by its server name where TLS was looked for, else by its address. */
export function outboundConnectionLabels(local: Local): Labels {
  return {
    ...sourceLabels(local, "tcp"),
    destination_service: firstOf(serviceHost, ["REQUESTED_SERVER_NAME"], ["DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT"]),
  };
}

/** What a client's proxy reports. */
export function sourceLabels(local: Local, requestProtocol: string): Labels {
  return {
    reporter: "source",
    source_workload: local.workload,
    source_canonical_service: local.app,
    source_canonical_revision: local.version,
    source_workload_namespace: local.namespace,
    source_principal: "%UPSTREAM_LOCAL_URI_SAN%",
    source_app: local.app,
    source_version: local.version,
    source_cluster: local.kubeCluster,
    destination_workload: "%UPSTREAM_METADATA(istio:workload)%",
    destination_workload_namespace: "%UPSTREAM_METADATA(istio:namespace)%",
    destination_principal: "%UPSTREAM_PEER_URI_SAN%",
    destination_app: "%UPSTREAM_METADATA(istio:app)%",
    destination_version: "%UPSTREAM_METADATA(istio:version)%",
    destination_canonical_service: "%UPSTREAM_METADATA(istio:app)%",
    destination_canonical_revision: "%UPSTREAM_METADATA(istio:version)%",
    destination_service: "%CLUSTER_METADATA(istio:host)%",
    destination_service_name: "%CLUSTER_METADATA(istio:service_name)%",
    destination_service_namespace: "%CLUSTER_METADATA(istio:service_namespace)%",
    destination_cluster: "%UPSTREAM_METADATA(istio:cluster)%",
    request_protocol: requestProtocol,
    response_flags: "%RESPONSE_FLAGS%",
    connection_security_policy: "unknown",
  };
}

export interface ServiceName {
  readonly host: string;
  readonly name: string;
  readonly namespace: string;
}

/** What a server's proxy reports. `peer` formats: how the caller is known (HTTP: its header; TCP: its certificate). */
export function destinationLabels(
  local: Local,
  service: ServiceName,
  peer: PeerFormats,
  requestProtocol: string,
  mtls: boolean,
): Labels {
  return {
    reporter: "destination",
    source_workload: peer.workload,
    source_canonical_service: peer.app,
    source_canonical_revision: peer.version,
    source_workload_namespace: mtls ? `%FILTER_STATE(${peerState.namespace}:PLAIN)%` : "",
    source_principal: mtls ? "%DOWNSTREAM_PEER_URI_SAN%" : "",
    source_app: peer.app,
    source_version: peer.version,
    source_cluster: peer.cluster,
    destination_workload: local.workload,
    destination_workload_namespace: local.namespace,
    destination_principal: mtls ? "%DOWNSTREAM_LOCAL_URI_SAN%" : "",
    destination_app: local.app,
    destination_version: local.version,
    destination_canonical_service: local.app,
    destination_canonical_revision: local.version,
    destination_service: service.host,
    destination_service_name: service.name,
    destination_service_namespace: service.namespace,
    destination_cluster: local.kubeCluster,
    request_protocol: requestProtocol,
    response_flags: "%RESPONSE_FLAGS%",
    connection_security_policy: mtls ? "mutual_tls" : "none",
  };
}

export interface PeerFormats {
  readonly workload: string;
  readonly app: string;
  readonly version: string;
  readonly cluster: string;
}

/** The caller of an HTTP request, by the header that its sidecar set. */
export const httpPeer: PeerFormats = {
  workload: `%DYNAMIC_METADATA(${peerMetadata}:source:workload)%`,
  app: `%DYNAMIC_METADATA(${peerMetadata}:source:app)%`,
  version: `%DYNAMIC_METADATA(${peerMetadata}:source:version)%`,
  cluster: `%DYNAMIC_METADATA(${peerMetadata}:source:cluster)%`,
};

/** The caller of a TCP connection: all that is known is its ServiceAccount. The client's own report names its workload. */
export function tcpPeer(mtls: boolean): PeerFormats {
  const account = mtls ? `%FILTER_STATE(${peerState.serviceAccount}:PLAIN)%` : "";
  return { workload: account, app: account, version: "", cluster: "" };
}
