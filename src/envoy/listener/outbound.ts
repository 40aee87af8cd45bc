import { create } from "@bufbuild/protobuf";
import { TrafficDirection } from "../../gen/envoy/config/core/v3/base_pb.js";
import { type FilterChain, FilterChainSchema } from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import { type Listener, ListenerSchema } from "../../gen/envoy/config/listener/v3/listener_pb.js";
import { blackHoleCluster, passthroughCluster } from "../../plan/cluster-name.ts";
import type { AddressListener, TlsListener } from "../../plan/listener/outbound.ts";
import { duration } from "../any.ts";
import type { Local } from "../local.ts";
import { scopedRoutes } from "../route/scoped-routes.ts";
import { protocolLabel, sourceLabels } from "../telemetry/labels.ts";
import { tellPeer } from "../telemetry/peer.ts";
import { httpStats, tcpStats } from "../telemetry/stats-logger.ts";
import { connectionManager } from "./connection-manager.ts";
import { routeDrivenFilters } from "./idle-filters.ts";
import { httpInspector, tlsInspector } from "./listener-filters.ts";
import { tcpAddress } from "./socket.ts";
import { tcpProxy, type WeightedCluster } from "./tcp-proxy.ts";

/** How long a captured connection may take to say what it is before it counts as plain bytes: the server may speak first. */
const detectionWaitMs = 100;

/** Where all captured outbound connections arrive; they go on to the listener of the address that they called. `port` is 15001. */
export function virtualOutbound(policy: "ALLOW_ANY" | "REGISTRY_ONLY", local: Local, port: number): Listener {
  const cluster = policy === "ALLOW_ANY" ? passthroughCluster : blackHoleCluster;
  return create(ListenerSchema, {
    name: "virtualOutbound",
    address: tcpAddress("0.0.0.0", port),
    trafficDirection: TrafficDirection.OUTBOUND,
    useOriginalDst: true,
    filterChains: [
      // A connection to this very port would be forwarded to itself for ever.
      {
        name: "virtualOutbound-blackhole",
        filterChainMatch: { destinationPort: port },
        filters: [bytes(blackHoleCluster, local)],
      },
    ],
    defaultFilterChain: { name: "virtualOutbound-catchall-tcp", filters: [bytes(cluster, local)] },
  });
}

/** `0.0.0.0_9080`: HTTP on a port, for whatever service the Host names. `grpc`: some service of this port speaks gRPC. */
export function httpListener(port: number, local: Local, grpc: boolean): Listener {
  return create(ListenerSchema, {
    name: `0.0.0.0_${port}`,
    address: tcpAddress("0.0.0.0", port),
    trafficDirection: TrafficDirection.OUTBOUND,
    bindToPort: false,
    filterChains: [{ filters: [http(port, local, protocolLabel({ http: true, grpc }))] }],
  });
}

/** `10.96.0.7_3306`: one address of a service. */
export function addressListener(plan: AddressListener, clusters: readonly WeightedCluster[], local: Local): Listener {
  const { address, port, mode } = plan;
  const plain = create(FilterChainSchema, {
    filters: [tcp(`outbound|${port}||${plan.target.service.host}`, clusters, local)],
  });
  return create(ListenerSchema, {
    name: `${address}_${port}`,
    address: tcpAddress(address, port),
    trafficDirection: TrafficDirection.OUTBOUND,
    bindToPort: false,
    ...(mode === "tcp"
      ? { filterChains: [plain] }
      : { ...sniffing(), filterChains: [spokenHttp(port, local)], defaultFilterChain: plain }),
  });
}

/** `0.0.0.0_443`: TLS that the mesh does not end, told apart by its server name; what nobody knows follows the mesh's policy. */
export function tlsListener(
  plan: TlsListener,
  clustersOf: (target: TlsListener["targets"][number]) => readonly WeightedCluster[],
  policy: "ALLOW_ANY" | "REGISTRY_ONLY",
  local: Local,
): Listener {
  const fallback = policy === "ALLOW_ANY" ? passthroughCluster : blackHoleCluster;
  return create(ListenerSchema, {
    name: `0.0.0.0_${plan.port}`,
    address: tcpAddress("0.0.0.0", plan.port),
    trafficDirection: TrafficDirection.OUTBOUND,
    bindToPort: false,
    listenerFilters: [tlsInspector()],
    listenerFiltersTimeout: duration(detectionWaitMs),
    continueOnListenerFiltersTimeout: true,
    filterChains: plan.targets.map((target) => ({
      filterChainMatch: { serverNames: [...target.serverNames] },
      filters: [tcp(`outbound|${plan.port}||${target.service.host}`, clustersOf(target), local)],
    })),
    defaultFilterChain: { filters: [bytes(fallback, local)] },
  });
}

function sniffing() {
  return {
    listenerFilters: [httpInspector()],
    listenerFiltersTimeout: duration(detectionWaitMs),
    continueOnListenerFiltersTimeout: true,
  };
}

function spokenHttp(port: number, local: Local): FilterChain {
  return create(FilterChainSchema, {
    filterChainMatch: { transportProtocol: "raw_buffer", applicationProtocols: ["http/1.0", "http/1.1", "h2c"] },
    filters: [http(port, local, protocolLabel({ http: true, grpc: true }))],
  });
}

function http(port: number, local: Local, protocol: string): FilterChain["filters"][number] {
  const scoped = scopedRoutes(port, [tellPeer(local)]);
  return connectionManager({
    statPrefix: `outbound_0.0.0.0_${port};`,
    routes: { case: "scopedRoutes", value: scoped.scopedRoutes },
    filters: [...scoped.filters, ...routeDrivenFilters()],
    accessLogs: [httpStats(sourceLabels(local, protocol))],
    earlyHeaderMutations: scoped.earlyHeaderMutations,
    useRemoteAddress: false,
    clientCert: "sanitize",
  });
}

function bytes(cluster: string, local: Local): FilterChain["filters"][number] {
  return tcp(cluster, [{ cluster, weight: 1 }], local);
}

function tcp(statPrefix: string, clusters: readonly WeightedCluster[], local: Local): FilterChain["filters"][number] {
  return tcpProxy({ statPrefix, clusters, accessLogs: tcpStats(sourceLabels(local, "tcp")) });
}
