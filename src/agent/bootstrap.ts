import { longestPage, metricsFilters } from "./bootstrap-metrics.ts";
import type { BootstrapSettings } from "./bootstrap-settings.ts";
import { sinksOf } from "./bootstrap-sinks.ts";
import { statsOf } from "./bootstrap-stats.ts";
import { type XdsServer, xdsCluster } from "./bootstrap-xds.ts";
import { envoyNode, type ProxyNode } from "./node.ts";

/** Marks Envoy's own connections, so that they are not captured again. */
export const proxyMark = 1337;

export interface BootstrapOptions {
  readonly xds: XdsServer;
  /** A unix socket (then 15000 on loopback leads to it), or a TCP address. */
  readonly admin: { readonly path: string } | { readonly address: string; readonly port: number };
  /** Addresses to listen on: for everyone (`0.0.0.0`), and for the Pod itself (`127.0.0.1`). */
  readonly listen: { readonly anyone: string; readonly self: string };
  /** Listeners and clusters of whoever starts this Envoy. */
  readonly beside?: { readonly listeners: readonly unknown[]; readonly clusters: readonly unknown[] };
  /** SO_MARK for every upstream socket; needs CAP_NET_ADMIN. Absent where nothing is captured. */
  readonly mark?: number;
  /** Bytes of heap beyond which Envoy sheds load; 1 GiB by default. */
  readonly maxHeapBytes?: number;
  readonly maxConnections?: number;
  readonly settings?: BootstrapSettings;
}

/** Ports that belong to the proxy, with Istio's numbers. */
export const ports = {
  admin: 15000,
  outbound: 15001,
  inbound: 15006,
  probes: 15020,
  health: 15021,
  dns: 15053,
  prometheus: 15090,
} as const;

/** Envoy's bootstrap for one proxy, as plain JSON. Pure: the same node and options give the same object. */
export function bootstrap(node: ProxyNode, options: BootstrapOptions): Record<string, unknown> {
  const { settings = {} } = options;
  const sinks = sinksOf(settings);
  return {
    node: envoyNode(node),
    admin: { address: adminAddress(options), ignore_global_conn_limit: true },
    ...statsOf(settings, node.ip),
    ...sinks.bootstrap,
    layered_runtime: {
      layers: [
        { name: "global config", static_layer: runtimeOf(node.kind, settings) },
        { name: "admin", admin_layer: {} },
      ],
    },
    overload_manager: overload(options),
    bootstrap_extensions: [
      {
        name: "envoy.bootstrap.internal_listener",
        typed_config: {
          "@type": "type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener",
        },
      },
    ],
    ...(options.mark === undefined
      ? {}
      : {
          cluster_manager: {
            upstream_bind_config: {
              socket_options: [
                { description: "SO_MARK", level: 1, name: 36, int_value: options.mark, state: "STATE_PREBIND" },
              ],
            },
          },
        }),
    dynamic_resources: dynamicResources,
    static_resources: {
      clusters: [
        xdsCluster(options.xds),
        adminCluster(options),
        ...sinks.clusters,
        ...(options.beside?.clusters ?? []),
      ],
      listeners: [...staticListeners(options), ...(options.beside?.listeners ?? [])],
    },
  };
}

/** An empty value takes a default away. */
function runtimeOf(kind: ProxyNode["kind"], { runtime }: BootstrapSettings): Record<string, unknown> {
  const all: Readonly<Record<string, unknown>> = {
    "re2.max_program_size.error_level": 32768,
    // One client's burst of requests lets those of others through in between.
    ...(kind === "router" ? { "http.max_requests_per_io_cycle": 1 } : {}),
    ...runtime,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
}

const ads = { ads: {}, initial_fetch_timeout: "0s", resource_api_version: "V3" };

const dynamicResources = {
  lds_config: ads,
  cds_config: ads,
  ads_config: {
    api_type: "DELTA_GRPC",
    transport_api_version: "V3",
    set_node_on_first_message_only: true,
    grpc_services: [
      {
        envoy_grpc: {
          cluster_name: "xds-grpc",
          // A control plane that comes back finds its proxies back within a second.
          retry_policy: { retry_back_off: { base_interval: "0.1s", max_interval: "1s" } },
        },
      },
    ],
  },
};

function adminAddress({ admin }: BootstrapOptions): unknown {
  return "path" in admin ? { pipe: { path: admin.path, mode: 0o600 } } : socket(admin.address, admin.port);
}

function adminCluster(options: BootstrapOptions): unknown {
  return {
    name: "weft-admin",
    type: "STATIC",
    connect_timeout: "1s",
    load_assignment: {
      cluster_name: "weft-admin",
      endpoints: [{ lb_endpoints: [{ endpoint: { address: adminAddress(options) } }] }],
    },
  };
}

function staticListeners(options: BootstrapOptions): unknown[] {
  const { anyone, self } = options.listen;
  // What comes as protobuf for whoever takes that cannot be rewritten.
  const metrics = [{ ...route("/stats/prometheus", "/stats/prometheus"), request_headers_to_remove: ["accept"] }];
  const health = [route("/healthz/ready", "/ready")];
  const open = [
    {
      ...httpListener(
        "prometheus",
        anyone,
        ports.prometheus,
        metrics,
        metricsFilters(options.settings?.statsCompression),
      ),
      per_connection_buffer_limit_bytes: longestPage,
    },
    httpListener("health", anyone, ports.health, health),
  ];
  const whole = { match: { prefix: "/" }, route: { cluster: "weft-admin", timeout: "0s" } };
  // Where a Pod has no place of its own, everybody on the machine is at its address: the socket is for its user alone.
  const apart = "path" in options.admin && self !== anyone;
  return apart ? [...open, httpListener("admin", self, ports.admin, [whole])] : open;
}

function route(path: string, to: string): object {
  return { match: { path }, route: { cluster: "weft-admin", prefix_rewrite: to, timeout: "0s" } };
}

function httpListener(
  name: string,
  address: string,
  port: number,
  routes: unknown[],
  filters: readonly unknown[] = [],
): object {
  return {
    name: `weft-${name}`,
    address: socket(address, port),
    stat_prefix: `weft-${name}`,
    ignore_global_conn_limit: true,
    filter_chains: [
      {
        filters: [
          {
            name: "envoy.filters.network.http_connection_manager",
            typed_config: {
              "@type":
                "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
              stat_prefix: `weft-${name}`,
              stream_idle_timeout: "0s",
              internal_address_config: { unix_sockets: false },
              http_filters: [
                ...filters,
                {
                  name: "envoy.filters.http.router",
                  typed_config: { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" },
                },
              ],
              route_config: { name: `weft-${name}`, virtual_hosts: [{ name: "all", domains: ["*"], routes }] },
            },
          },
        ],
      },
    ],
  };
}

function overload({ maxHeapBytes = 1 << 30, maxConnections = 100_000 }: BootstrapOptions): unknown {
  const monitors = "type.googleapis.com/envoy.extensions.resource_monitors";
  const heap = "envoy.resource_monitors.fixed_heap";
  const above = (value: number) => [{ name: heap, threshold: { value } }];
  return {
    refresh_interval: "0.25s",
    resource_monitors: [
      {
        name: heap,
        typed_config: { "@type": `${monitors}.fixed_heap.v3.FixedHeapConfig`, max_heap_size_bytes: maxHeapBytes },
      },
      {
        name: "envoy.resource_monitors.global_downstream_max_connections",
        typed_config: {
          "@type": `${monitors}.downstream_connections.v3.DownstreamConnectionsConfig`,
          max_active_downstream_connections: maxConnections,
        },
      },
    ],
    // Streams that hold 128 KiB are told apart, in classes of twice as much each.
    buffer_factory_config: { minimum_account_to_track_power_of_two: 17 },
    actions: [
      { name: "envoy.overload_actions.shrink_heap", triggers: above(0.95) },
      // Those that hold most, of clients that take nothing, go before anybody's requests are refused.
      {
        name: "envoy.overload_actions.reset_high_memory_stream",
        triggers: [{ name: heap, scaled: { scaling_threshold: 0.85, saturation_threshold: 0.95 } }],
      },
      { name: "envoy.overload_actions.stop_accepting_requests", triggers: above(0.98) },
    ],
  };
}

function socket(address: string, port: number): unknown {
  return { socket_address: { address, port_value: port } };
}
