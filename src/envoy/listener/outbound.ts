import { create } from "@bufbuild/protobuf";
import { TrafficDirection } from "../../gen/envoy/config/core/v3/base_pb.js";
import { TypedExtensionConfigSchema } from "../../gen/envoy/config/core/v3/extension_pb.js";
import { type FilterChain, FilterChainSchema } from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import { type Listener, ListenerSchema } from "../../gen/envoy/config/listener/v3/listener_pb.js";
import { HeaderMutationSchema } from "../../gen/envoy/extensions/http/early_header_mutation/header_mutation/v3/header_mutation_pb.js";
import { blackHoleCluster } from "../../plan/cluster-name.ts";
import type { OutboundChain, OutboundListener } from "../../plan/listener/outbound.ts";
import type { OutboundPolicy } from "../../plan/outbound-policy.ts";
import { duration, packed } from "../any.ts";
import type { Local } from "../local.ts";
import { noteOutside } from "../route/outside.ts";
import { scopedRoutes } from "../route/scoped-routes.ts";
import { listenerAccessLogs, tcpAccessLogs } from "../telemetry/access-log.ts";
import { outboundConnectionLabels, outboundRequestLabels, protocolLabel } from "../telemetry/labels.ts";
import { tellPeer } from "../telemetry/peer.ts";
import { httpStats, statsFilters, tcpStats } from "../telemetry/stats-logger.ts";
import { byServerName } from "./by-server-name.ts";
import { connectionManager } from "./connection-manager.ts";
import { discoveredRoutes } from "./discovered-routes.ts";
import { routeDrivenFilters } from "./idle-filters.ts";
import { httpInspector, tlsInspector } from "./listener-filters.ts";
import { boundAddress, cidr, tcpAddress } from "./socket.ts";
import { tcpProxy, type WeightedCluster } from "./tcp-proxy.ts";

/** How long a captured connection may take to say what it is before it counts as plain bytes: the server may speak first. */
const detectionWaitMs = 100;

/** The same where TLS must show its server name: what comes too late goes to no service that it names. */
const helloWaitMs = 500;

/** Where all captured outbound connections arrive; they go on to the listener of the address that they called. `port` is 15001. */
export function virtualOutbound({ bytes: cluster }: OutboundPolicy, local: Local, port: number): Listener {
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
    accessLog: [...listenerAccessLogs(local, "outbound")],
  });
}

/** `0.0.0.0_9080`, `10.96.0.7_3306`: connections of one port, to one address or to all others. `policy` is for what nobody knows. */
export function outboundListener(plan: OutboundListener, policy: OutboundPolicy, local: Local): Listener {
  const { address, port, chains } = plan;
  const names = chains.some((c) => c.serverNames.length > 0) || plan.rest?.byName !== undefined;
  const alone = plan.http !== undefined && plan.rest === undefined && !names;
  const sniffed = plan.http !== undefined && (plan.rest !== undefined || alone);
  return create(ListenerSchema, {
    name: address.startsWith("unix://") ? address : `${address}_${port}`,
    address: boundAddress(address, port),
    trafficDirection: TrafficDirection.OUTBOUND,
    bindToPort: plan.bound === true,
    ...(alone ? patientInspection(local) : names || sniffed ? inspection(names, sniffed, local) : {}),
    filterChains: [
      ...chains.map((c) => bytesChain(c, port, local)),
      ...(plan.http === undefined ? [] : [httpChain(port, plan.http.grpc, { names, sniffed }, local, plan.table)]),
    ],
    defaultFilterChain: { filters: [...byServerName(plan.rest?.byName), restFilter(plan, policy, local)] },
    accessLog: [...listenerAccessLogs(local, "outbound")],
  });
}

function restFilter(
  { port, rest }: OutboundListener,
  policy: OutboundPolicy,
  local: Local,
): FilterChain["filters"][number] {
  if (rest !== undefined) return tcp(`outbound|${port}||${rest.host}`, rest.clusters, local);
  return bytes(policy.bytes, local);
}

/**
 * For a port that only HTTP services have: other bytes are for somebody whom the mesh does not know. A client that connects long before it asks
 * must not be taken for one of those, so there is no end to the wait unless the mesh sets one.
 */
function patientInspection({ http }: Local) {
  const wait = http?.detectionMs ?? 0;
  return {
    listenerFilters: [httpInspector()],
    listenerFiltersTimeout: duration(wait),
    continueOnListenerFiltersTimeout: wait > 0,
  };
}

function inspection(names: boolean, sniffed: boolean, { http }: Local) {
  return {
    listenerFilters: [...(names ? [tlsInspector()] : []), ...(sniffed ? [httpInspector()] : [])],
    listenerFiltersTimeout: duration(http?.detectionMs ?? (names ? helloWaitMs : detectionWaitMs)),
    continueOnListenerFiltersTimeout: true,
  };
}

function bytesChain(
  { serverNames, subnets, host, clusters, byName }: OutboundChain,
  port: number,
  local: Local,
): FilterChain {
  const tls = serverNames.length === 0 ? {} : { serverNames: [...serverNames], transportProtocol: "tls" };
  return create(FilterChainSchema, {
    filterChainMatch: { ...tls, prefixRanges: subnets.map(cidr) },
    filters: [...byServerName(byName), tcp(`outbound|${port}||${host}`, clusters, local)],
  });
}

function httpChain(
  port: number,
  grpc: boolean,
  { names, sniffed }: { readonly names: boolean; readonly sniffed: boolean },
  local: Local,
  table: string | undefined,
): FilterChain {
  const plain = { transportProtocol: "raw_buffer" };
  const spoken = { ...plain, applicationProtocols: ["http/1.0", "http/1.1", "h2c"] };
  const match = sniffed ? { filterChainMatch: spoken } : names ? { filterChainMatch: plain } : {};
  return create(FilterChainSchema, {
    ...match,
    filters: [http(port, local, protocolLabel({ http: true, grpc }), table)],
  });
}

function http(port: number, local: Local, protocol: string, table: string | undefined): FilterChain["filters"][number] {
  if (table !== undefined) return throughTable(table, local, protocol);
  const scoped = scopedRoutes(port, [tellPeer(local)], local.asks);
  const labels = outboundRequestLabels(local, protocol);
  return connectionManager({
    side: "outbound",
    local,
    statPrefix: `outbound_0.0.0.0_${port};`,
    routes: { case: "scopedRoutes", value: scoped.scopedRoutes },
    filters: [
      ...scoped.filters,
      noteOutside(),
      ...statsFilters(labels, local.metrics?.client),
      ...routeDrivenFilters(),
    ],
    accessLogs: httpStats(labels, local.metrics?.client),
    earlyHeaderMutations: scoped.earlyHeaderMutations,
    useRemoteAddress: false,
    clientCert: "SANITIZE",
  });
}

/** Requests by one table of all services. */
function throughTable(table: string, local: Local, protocol: string): FilterChain["filters"][number] {
  const labels = outboundRequestLabels(local, protocol);
  return connectionManager({
    side: "outbound",
    local,
    statPrefix: `outbound_${table}`,
    routes: discoveredRoutes(table),
    filters: [noteOutside(), ...statsFilters(labels, local.metrics?.client), ...routeDrivenFilters()],
    accessLogs: httpStats(labels, local.metrics?.client),
    earlyHeaderMutations: [
      create(TypedExtensionConfigSchema, {
        name: "weft.peer",
        typedConfig: packed(HeaderMutationSchema, { mutations: [tellPeer(local)] }),
      }),
    ],
    useRemoteAddress: false,
    clientCert: "SANITIZE",
  });
}

function bytes(cluster: string, local: Local): FilterChain["filters"][number] {
  return tcp(cluster, [{ cluster, weight: 1 }], local);
}

function tcp(statPrefix: string, clusters: readonly WeightedCluster[], local: Local): FilterChain["filters"][number] {
  return tcpProxy({
    statPrefix,
    clusters,
    accessLogs: [
      ...tcpStats(outboundConnectionLabels(local), local.metrics?.client),
      ...tcpAccessLogs(local, "outbound"),
    ],
    asks: local.asks === true,
  });
}
