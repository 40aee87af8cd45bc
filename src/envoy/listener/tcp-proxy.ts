import { create } from "@bufbuild/protobuf";
import type { AccessLog } from "../../gen/envoy/config/accesslog/v3/accesslog_pb.js";
import { type Filter, FilterSchema } from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import {
  TcpProxySchema,
  UpstreamConnectMode,
} from "../../gen/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb.js";
import type { Tunnel } from "../../plan/route/tunnel.ts";
import { duration, packed } from "../any.ts";
import { clusterOfConnectionOnDemand } from "../on-demand.ts";

export interface WeightedCluster {
  readonly cluster: string;
  readonly weight: number;
  /** Connections go through it as a proxy. Only where all go there, as in Istio. */
  readonly tunnel?: Tunnel;
}

export interface TcpProxyOptions {
  readonly statPrefix: string;
  readonly clusters: readonly WeightedCluster[];
  readonly accessLogs: readonly AccessLog[];
  /** Logs that want it hear of connections that last, so often. Absent: of their beginning and end. */
  readonly toldAgainMs?: number;
  /** Connect upstream only after the TLS handshake, so that what the certificate says is known to telemetry and policies. */
  readonly afterHandshake?: boolean;
  /** Clusters that are not there are asked for. */
  readonly asks?: boolean;
  /** Absent: Envoy's hour. */
  readonly idleTimeoutMs?: number;
}

/** Carries a connection's bytes to one of its clusters. */
export function tcpProxy(options: TcpProxyOptions): Filter {
  const { statPrefix, clusters, accessLogs, afterHandshake = false, idleTimeoutMs, asks, toldAgainMs } = options;
  const [only] = clusters;
  return create(FilterSchema, {
    name: "envoy.filters.network.tcp_proxy",
    configType: {
      case: "typedConfig",
      value: packed(TcpProxySchema, {
        statPrefix,
        clusterSpecifier:
          clusters.length === 1 && only !== undefined
            ? { case: "cluster", value: only.cluster }
            : {
                case: "weightedClusters",
                value: {
                  clusters: clusters.filter((c) => c.weight > 0).map((c) => ({ name: c.cluster, weight: c.weight })),
                },
              },
        ...(clusters.length === 1 && only?.tunnel !== undefined ? { tunnelingConfig: tunneling(only.tunnel) } : {}),
        accessLog: [...accessLogs],
        ...(asks === true ? { onDemand: clusterOfConnectionOnDemand() } : {}),
        accessLogOptions: {
          flushAccessLogOnConnected: true,
          ...(toldAgainMs === undefined ? {} : { accessLogFlushInterval: duration(toldAgainMs) }),
        },
        ...(idleTimeoutMs === undefined ? {} : { idleTimeout: duration(idleTimeoutMs) }),
        ...(afterHandshake
          ? { upstreamConnectMode: UpstreamConnectMode.ON_DOWNSTREAM_TLS_HANDSHAKE, maxEarlyDataBytes: 0 }
          : {}),
      }),
    },
  });
}

function tunneling({ target, method }: Tunnel) {
  return { hostname: target, usePost: method === "POST" };
}
