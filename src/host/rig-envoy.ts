type Json = Record<string, unknown>;

/** A bootstrap that needs no control plane: all that is captured goes on to where it was bound for. A Pod of workload `strict` takes nothing in. */
export function passThrough(bootstrap: Json, pod: { readonly workload: string }): Json {
  const {
    dynamic_resources: _,
    static_resources,
    ...rest
  } = bootstrap as Json & { static_resources: { clusters: Json[]; listeners: Json[] } };
  const refuses = pod.workload === "strict";
  return {
    ...rest,
    static_resources: {
      clusters: [
        ...static_resources.clusters,
        original("PassthroughCluster"),
        original("InboundPassthroughCluster", "127.0.0.6"),
        nowhere,
      ],
      listeners: [
        ...static_resources.listeners,
        captured("virtualOutbound", 15001, "OUTBOUND", "PassthroughCluster"),
        captured("virtualInbound", 15006, "INBOUND", refuses ? "BlackHoleCluster" : "InboundPassthroughCluster"),
      ],
    },
  };
}

const nowhere: Json = { name: "BlackHoleCluster", type: "STATIC", connect_timeout: "1s" };

function original(name: string, from?: string): Json {
  const bind = from === undefined ? {} : { upstream_bind_config: { source_address: { address: from, port_value: 0 } } };
  return { name, type: "ORIGINAL_DST", lb_policy: "CLUSTER_PROVIDED", connect_timeout: "1s", ...bind };
}

function captured(name: string, port: number, direction: string, cluster: string): Json {
  const prefix = "type.googleapis.com/envoy.extensions.filters";
  return {
    name,
    traffic_direction: direction,
    address: { socket_address: { address: "0.0.0.0", port_value: port } },
    listener_filters: [
      { name: "original_dst", typed_config: { "@type": `${prefix}.listener.original_dst.v3.OriginalDst` } },
    ],
    filter_chains: [
      {
        filters: [
          {
            name: "tcp",
            typed_config: { "@type": `${prefix}.network.tcp_proxy.v3.TcpProxy`, stat_prefix: name, cluster },
          },
        ],
      },
    ],
  };
}
