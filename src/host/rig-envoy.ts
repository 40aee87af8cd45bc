type Json = Record<string, unknown>;

interface Pod {
  readonly workload: string;
  readonly ip: string;
  readonly applicationIp: string;
}

/** A bootstrap that needs no control plane: all that is captured goes on to where it was bound for. A Pod of workload `strict` takes nothing in. */
export function passThrough(bootstrap: Json, pod: Pod): Json {
  const {
    dynamic_resources: _,
    static_resources,
    ...rest
  } = bootstrap as Json & {
    static_resources: { clusters: Json[]; listeners: Json[] };
  };
  const { clusters, listeners } = pod.ip === pod.applicationIp ? capturing(pod) : explicit(pod);
  return {
    ...rest,
    static_resources: {
      clusters: [...static_resources.clusters, ...clusters],
      listeners: [...static_resources.listeners, ...listeners],
    },
  };
}

function capturing({ workload }: Pod): { clusters: Json[]; listeners: Json[] } {
  const inbound = workload === "strict" ? "BlackHoleCluster" : "InboundPassthroughCluster";
  return {
    clusters: [original("PassthroughCluster"), original("InboundPassthroughCluster", "127.0.0.6"), nowhere],
    listeners: [
      captured("virtualOutbound", 15001, "OUTBOUND", "PassthroughCluster"),
      captured("virtualInbound", 15006, "INBOUND", inbound),
    ],
  };
}

/** Without capture: the Pod's own port leads to the application, and 15001 is an HTTP proxy. */
function explicit({ ip, applicationIp }: Pod): { clusters: Json[]; listeners: Json[] } {
  const application = {
    name: "inbound|9080||",
    type: "STATIC",
    load_assignment: {
      cluster_name: "inbound|9080||",
      endpoints: [{ lb_endpoints: [{ endpoint: { address: at(applicationIp, 9080) } }] }],
    },
  };
  const asked = { use_http_header: true, http_header_name: ":authority" };
  const outbound = { ...original("PassthroughCluster"), original_dst_lb_config: asked };
  const hcm = {
    "@type": `${prefix}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "outbound",
    http_filters: [{ name: "router", typed_config: { "@type": `${prefix}.http.router.v3.Router` } }],
    route_config: {
      virtual_hosts: [
        { name: "all", domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster: "PassthroughCluster" } }] },
      ],
    },
  };
  return {
    clusters: [application, outbound],
    listeners: [
      { name: "inbound", address: at(ip, 9080), filter_chains: [{ filters: [tcpTo("inbound", "inbound|9080||")] }] },
      { name: "outbound", address: at(ip, 15001), filter_chains: [{ filters: [{ name: "http", typed_config: hcm }] }] },
    ],
  };
}

const prefix = "type.googleapis.com/envoy.extensions.filters";

const nowhere: Json = { name: "BlackHoleCluster", type: "STATIC", connect_timeout: "1s" };

function original(name: string, from?: string): Json {
  const bind = from === undefined ? {} : { upstream_bind_config: { source_address: { address: from, port_value: 0 } } };
  return { name, type: "ORIGINAL_DST", lb_policy: "CLUSTER_PROVIDED", connect_timeout: "1s", ...bind };
}

function captured(name: string, port: number, direction: string, cluster: string): Json {
  return {
    name,
    traffic_direction: direction,
    address: at("0.0.0.0", port),
    listener_filters: [
      { name: "original_dst", typed_config: { "@type": `${prefix}.listener.original_dst.v3.OriginalDst` } },
    ],
    filter_chains: [{ filters: [tcpTo(name, cluster)] }],
  };
}

function tcpTo(stat_prefix: string, cluster: string): Json {
  return { name: "tcp", typed_config: { "@type": `${prefix}.network.tcp_proxy.v3.TcpProxy`, stat_prefix, cluster } };
}

function at(address: string, port_value: number): Json {
  return { socket_address: { address, port_value } };
}
