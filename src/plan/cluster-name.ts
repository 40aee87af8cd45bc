/** Istio's name of a cluster: `outbound|9080|v1|reviews.default.svc.cluster.local`, `inbound|9080||`. */
export function clusterName(direction: "outbound" | "inbound", port: number, subset: string, host: string): string {
  return `${direction}|${port}|${subset}|${host}`;
}

/** Where requests go that have nowhere to go: no endpoints, so Envoy answers 503 (HTTP) or closes (TCP). */
export const blackHoleCluster = "BlackHoleCluster";

/** The address that was called, unchanged. */
export const passthroughCluster = "PassthroughCluster";

/** The same on the way in. */
export const inboundPassthroughCluster = "InboundPassthroughCluster";

/** The name that a request calls, resolved when it is first called. */
export const dynamicDnsCluster = "AllowAnyDynamicDNSCluster";

/** Name of the table of those who are asked as a proxy is. */
export const proxyTableName = "egress-proxy";

/** Name of the route configuration of one service port: `9080|reviews.default.svc.cluster.local`. */
export function routeName(port: number, host: string): string {
  return `${port}|${host}`;
}
