/** Type URLs of the resources that Envoy asks for. */
export const TYPE = {
  cluster: "type.googleapis.com/envoy.config.cluster.v3.Cluster",
  endpoint: "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
  listener: "type.googleapis.com/envoy.config.listener.v3.Listener",
  route: "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
  scopedRoute: "type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration",
  virtualHost: "type.googleapis.com/envoy.config.route.v3.VirtualHost",
  secret: "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
  extension: "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig",
  runtime: "type.googleapis.com/envoy.service.runtime.v3.Runtime",
} as const;

/**
 * The order in which changes leave: what others refer to goes first (https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol,
 * "Eventual consistency considerations"). Types that are not here go last.
 */
const ORDER: readonly string[] = [
  TYPE.secret,
  TYPE.cluster,
  TYPE.endpoint,
  TYPE.extension,
  TYPE.listener,
  TYPE.route,
  TYPE.scopedRoute,
  TYPE.virtualHost,
];

/** Position of a type in a push; smaller goes first. */
export function pushOrder(typeUrl: string): number {
  const at = ORDER.indexOf(typeUrl);
  return at === -1 ? ORDER.length : at;
}

/** Types that may name a cluster: they wait until the clusters sent before them are warm. */
export const REFERS_TO_CLUSTERS: ReadonlySet<string> = new Set([
  TYPE.extension,
  TYPE.listener,
  TYPE.route,
  TYPE.scopedRoute,
  TYPE.virtualHost,
]);

/** Types of which a first request without names asks for nothing; of all others it asks for everything. */
export const BY_NAME_ONLY: ReadonlySet<string> = new Set([
  TYPE.endpoint,
  TYPE.route,
  TYPE.virtualHost,
  TYPE.secret,
  TYPE.extension,
  TYPE.runtime,
]);

/** Types of which a state-of-the-world response always holds everything: what is not in it is gone. */
export const WHOLE_STATE: ReadonlySet<string> = new Set([TYPE.cluster, TYPE.listener, TYPE.scopedRoute]);
