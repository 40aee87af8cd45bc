// Static configurations of two Envoys, a client's and a server's sidecar, whose access loggers count with Istio's names. Ports are Envoy's choice.

const http = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const tcp = "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy";
const anyPort = { socket_address: { address: "127.0.0.1", port_value: 0 } };

const common = {
  source_workload: "sleep",
  source_workload_namespace: "default",
  destination_workload: "httpbin-v1",
  destination_workload_namespace: "shop",
  destination_service: "httpbin.shop.svc.cluster.local",
};

function statsLogger(tags: Record<string, string>, counters: [string, object][], histograms: [string, string, string][], type?: string) {
  const list = Object.entries(tags).map(([name, value_format]) => ({ name, value_format }));
  return {
    name: "envoy.access_loggers.stats",
    ...(type ? { filter: { log_type_filter: { types: [type] } } } : {}),
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.access_loggers.stats.v3.Config",
      stats_scope: { enable_eviction: true, max_counters: 2000, sharing_name: "istio" },
      counters: counters.map(([stat, value]) => ({ ...value, stat: { name: stat, tags: list } })),
      histograms: histograms.map(([stat, unit, value_format]) => ({ unit, value_format, stat: { name: stat, tags: list } })),
    },
  };
}

function httpLogger(reporter: string) {
  const tags = {
    reporter,
    ...common,
    request_protocol: "http",
    response_code: "%RESPONSE_CODE%",
    grpc_response_status: "%GRPC_STATUS_NUMBER%",
    response_flags: "%RESPONSE_FLAGS%",
    connection_security_policy: reporter === "destination" ? "none" : "unknown",
  };
  return statsLogger(
    tags,
    [["istio_requests_total", { value_fixed: 1 }]],
    [
      ["istio_request_duration_milliseconds", "Milliseconds", "%DURATION%"],
      ["istio_response_bytes", "Bytes", "%BYTES_SENT%"],
    ],
  );
}

function tcpLoggers(reporter: string) {
  const tags = { reporter, ...common, request_protocol: "tcp", response_flags: "%RESPONSE_FLAGS%" };
  return [
    statsLogger(tags, [["istio_tcp_connections_opened_total", { value_fixed: 1 }]], [], "TcpUpstreamConnected"),
    statsLogger(
      tags,
      [
        ["istio_tcp_connections_closed_total", { value_fixed: 1 }],
        ["istio_tcp_sent_bytes_total", { value_format: "%BYTES_SENT%" }],
        ["istio_tcp_received_bytes_total", { value_format: "%BYTES_RECEIVED%" }],
      ],
      [],
      "TcpConnectionEnd",
    ),
  ];
}

const cluster = (name: string, port: number) => ({
  name,
  type: "STATIC",
  load_assignment: {
    cluster_name: name,
    endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: "127.0.0.1", port_value: port } } } }] }],
  },
});

function httpListener(name: string, target: string, prefix: string, log: object[]) {
  const routes = [{ match: { prefix }, route: { cluster: target } }];
  const filter = {
    "@type": http,
    stat_prefix: name,
    http_filters: [
      { name: "router", typed_config: { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" } },
    ],
    access_log: log,
    route_config: { virtual_hosts: [{ name, domains: ["*"], routes }] },
  };
  return { name, address: anyPort, filter_chains: [{ filters: [{ name: "http", typed_config: filter }] }] };
}

function tcpListener(name: string, target: string, log: object[]) {
  const filter = {
    "@type": tcp,
    stat_prefix: name,
    cluster: target,
    access_log_options: { flush_access_log_on_connected: true },
    access_log: log,
  };
  return { name, address: anyPort, filter_chains: [{ filters: [{ name: "tcp", typed_config: filter }] }] };
}

/** One sidecar that forwards listener `http` and `tcp` to two ports, and serves its metrics where a real one has 15090. */
export function sidecar(reporter: "source" | "destination", adminPort: number, upstream: { http: number; tcp: number }) {
  return {
    admin: { address: { socket_address: { address: "127.0.0.1", port_value: adminPort } } },
    node: { id: reporter, cluster: reporter },
    stats_config: { stats_tags: [] },
    stats_flush_interval: "0.5s",
    static_resources: {
      listeners: [
        httpListener("http", "http", "/", [httpLogger(reporter)]),
        tcpListener("tcp", "tcp", tcpLoggers(reporter)),
        httpListener("metrics", "admin", "/stats/prometheus", []),
      ],
      clusters: [cluster("http", upstream.http), cluster("tcp", upstream.tcp), cluster("admin", adminPort)],
    },
  };
}
