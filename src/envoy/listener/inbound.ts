import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { TrafficDirection } from "../../gen/envoy/config/core/v3/base_pb.js";
import {
  type FilterChain,
  FilterChainSchema,
  type ListenerFilter,
} from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import { type Listener, ListenerSchema } from "../../gen/envoy/config/listener/v3/listener_pb.js";
import { RouteConfigurationSchema } from "../../gen/envoy/config/route/v3/route_pb.js";
import { clusterName, inboundPassthroughCluster } from "../../plan/cluster-name.ts";
import type { InboundPlan, InboundPort } from "../../plan/listener/inbound.ts";
import { isGrpc, isHttp, isHttp2 } from "../../plan/protocol.ts";
import { duration } from "../any.ts";
import type { Local } from "../local.ts";
import { httpPolicies } from "../policy/slot.ts";
import { timeoutFields } from "../route/timeout.ts";
import { httpAuthorization, tcpAuthorization } from "../security/authorization-slot.ts";
import { listenerAccessLogs, tcpAccessLogs } from "../telemetry/access-log.ts";
import { destinationLabels, httpPeer, protocolLabel, type ServiceName, tcpPeer } from "../telemetry/labels.ts";
import { hearPeer } from "../telemetry/peer.ts";
import { knownAgainMs, listenerRecords, recordsSlot, tcpRecords, toldAgainMs } from "../telemetry/records.ts";
import { httpStats, statsFilters, tcpStats } from "../telemetry/stats-logger.ts";
import { downstreamMtls, unreadMtls } from "../tls/downstream.ts";
import { gatewayTls } from "../tls/gateway-server.ts";
import { connectionManager } from "./connection-manager.ts";
import { withoutForged } from "./forged.ts";
import { grpcWeb } from "./grpc-web.ts";
import { httpInspector, originalDestination, tlsInspector } from "./listener-filters.ts";
import { oneHostOnly } from "./one-host.ts";
import { peerIdentity } from "./peer-identity.ts";
import { tcpAddress } from "./socket.ts";
import { tcpProxy } from "./tcp-proxy.ts";
import { unreadFilters, unreadName } from "./unread.ts";

/**
 * How long connections wait for the client's first bytes where the server may be the one to speak first and plaintext is allowed. It holds for
 * the whole listener, so it must be more than a busy caller may take between connecting and its TLS hello: else its mTLS counts as plaintext.
 */
const serverFirstWaitMs = 500;

/** How long any other inbound connection may take to say whether it is TLS or HTTP. */
const detectionWaitMs = 15_000;

/** The listener that all captured inbound connections arrive at. `port` is 15006. */
export function virtualInbound(plan: InboundPlan, local: Local, port: number): Listener {
  const sniffed = plan.ports.filter((p) => p.protocol === "unsupported");
  const waits = plan.ports.some(waitsForClient);
  return create(ListenerSchema, {
    name: "virtualInbound",
    address: tcpAddress("0.0.0.0", port),
    trafficDirection: TrafficDirection.INBOUND,
    listenerFilters: [
      originalDestination(),
      ...tlsInspection(plan),
      ...(sniffed.length > 0 ? [httpInspector({ on: sniffed.map((p) => p.port) })] : []),
    ],
    listenerFiltersTimeout: duration(local.http?.detectionMs ?? (waits ? serverFirstWaitMs : detectionWaitMs)),
    continueOnListenerFiltersTimeout: waits || sniffed.length > 0,
    filterChains: [...plan.ports.flatMap((p) => portChains(p, local)), ...otherPorts(plan, local)],
    accessLog: [...listenerAccessLogs(local, "inbound"), ...listenerRecords(local)],
  });
}

/** Where mTLS must be told from something else. Elsewhere nothing depends on it, and a server that speaks first would wait for nothing. */
function tlsInspection({ ports, others, mode }: InboundPlan): readonly ListenerFilter[] {
  const needed = (p: InboundPort) => p.mode !== "DISABLE" || p.protocol === "unsupported" || p.tls !== undefined;
  const strict = others.filter((p) => p.mode === "STRICT");
  if (mode === "STRICT")
    return [tlsInspector({ off: [...ports.filter((p) => !needed(p)), ...others].map((p) => p.port) })];
  const on = [...ports.filter(needed), ...strict].map((p) => p.port);
  return on.length === 0 ? [] : [tlsInspector({ on })];
}

/** Whether it may be the server that speaks first where something must be told by the client's bytes. */
function waitsForClient({ mode, protocol }: InboundPort): boolean {
  return (mode === "PERMISSIVE" && mayBeServerFirst(protocol)) || (mode === "DISABLE" && protocol === "unsupported");
}

/** Whether requests may come as bytes: what the proxy does not find to be HTTP, an application may. */
function mayBeHttp({ protocol }: InboundPort): boolean {
  return protocol === "unsupported" || isHttp(protocol);
}

/** What the client opens in every case; of bytes without a name, and of MySQL, nobody knows or everybody does. */
function mayBeServerFirst(protocol: InboundPort["protocol"]): boolean {
  return protocol === "tcp" || protocol === "mysql" || protocol === "unsupported";
}

/**
 * Chains of one port. Where plaintext is allowed too, the mesh's own TLS is known by its SNI (`outbound_.9080_._.HOST`, so a name below
 * the service's): TLS that the application itself speaks passes as it is.
 */
function portChains(port: InboundPort, local: Local): readonly FilterChain[] {
  const chains: FilterChain[] = [];
  if (port.mode === "DISABLE" && port.tls !== undefined) return [ownTls(port, port.tls, local)];
  const strict = port.mode === "STRICT";
  // Without names nobody of the mesh can be calling.
  if (strict || (port.mode !== "DISABLE" && port.meshNames.length > 0)) {
    const match = { transportProtocol: "tls", ...(strict ? {} : { serverNames: [...port.meshNames] }) };
    chains.push(...protocolChains(port, local, true, match));
  }
  if (!strict) {
    chains.push(...protocolChains(port, local, false, { transportProtocol: "raw_buffer" }));
    const asIs = (kind: string, match: Match) =>
      chain(
        port.port,
        kind,
        match,
        [...tcpAuthorization(local, mayBeHttp(port)), tcp(port, local, false)],
        false,
        local,
      );
    chains.push(asIs("tls-as-is", { transportProtocol: "tls" }));
    const own = port.ownNames.filter((name) => !port.meshNames.includes(name));
    if (own.length > 0) chains.push(asIs("own-tls-as-is", { transportProtocol: "tls", serverNames: own }));
  }
  return chains;
}

/** TLS of callers outside of the mesh, ended by certificates of the workload's own. */
function ownTls(port: InboundPort, tls: NonNullable<InboundPort["tls"]>, local: Local): FilterChain {
  const http = port.protocol === "https" || isHttp(port.protocol);
  const filters = http ? [httpFilter(port, local, false)] : [...tcpAuthorization(local), tcp(port, local, false)];
  const made = chain(port.port, "own-tls", { transportProtocol: "tls" }, filters, false, local);
  made.transportSocket = gatewayTls(tls, { http, from: local.secretsFrom, defaults: { cipherSuites: [], curves: [] } });
  return made;
}

type Match = { transportProtocol?: string; serverNames?: string[]; applicationProtocols?: string[] };

function protocolChains(port: InboundPort, local: Local, mtls: boolean, match: Match): readonly FilterChain[] {
  const http = () => chain(port.port, "http", match, [httpFilter(port, local, mtls)], mtls, local);
  const unread = mtls && port.unread === true ? [unreadChain(port, match, local)] : [];
  const filters = () => [...tcpAuthorization(local, mayBeHttp(port)), tcp(port, local, mtls)];
  const bytes = () => chain(port.port, "tcp", match, filters(), mtls, local);
  if (isHttp(port.protocol)) return [...unread, http()];
  if (port.protocol !== "unsupported") return [bytes()];
  const spoken = mtls ? ["h2", "http/1.1"] : ["http/1.0", "http/1.1", "h2c"];
  const sniffed = chain(
    port.port,
    "http",
    { ...match, applicationProtocols: spoken },
    [httpFilter(port, local, mtls)],
    mtls,
    local,
  );
  return [sniffed, bytes()];
}

function unreadChain(port: InboundPort, match: Match, local: Local): FilterChain {
  return create(FilterChainSchema, {
    name: `${port.port}-mtls-unread`,
    filterChainMatch: { ...match, applicationProtocols: [unreadName(port)], destinationPort: port.port },
    filters: [...unreadFilters(port, local)],
    transportSocket: unreadMtls(local.secretsFrom, local.mtls),
  });
}

function chain(
  port: number | undefined,
  kind: string,
  match: Match,
  filters: FilterChain["filters"],
  mtls: boolean,
  local: Local,
): FilterChain {
  return create(FilterChainSchema, {
    name: `${port ?? "other"}-${mtls ? "mtls" : "plain"}-${kind}`,
    filterChainMatch: { ...match, ...(port === undefined ? {} : { destinationPort: port }) },
    filters: mtls ? [peerIdentity(), ...filters] : filters,
    ...(mtls ? { transportSocket: downstreamMtls(local.secretsFrom, local.mtls) } : {}),
  });
}

function httpFilter(port: InboundPort, local: Local, mtls: boolean): FilterChain["filters"][number] {
  const cluster = clusterName("inbound", port.port, "", "");
  const label = protocolLabel({
    http: !isHttp2(port.protocol) || port.protocol === "http2",
    grpc: isHttp2(port.protocol),
  });
  const labels = destinationLabels(local, port.service, httpPeer, label, mtls);
  return connectionManager({
    side: "inbound",
    local,
    statPrefix: `inbound_0.0.0.0_${port.port};`,
    routes: {
      case: "routeConfig",
      value: create(RouteConfigurationSchema, inboundRoutes(cluster, port)),
    },
    filters: [
      oneHostOnly(),
      hearPeer(),
      ...statsFilters(labels, local.metrics?.server),
      recordsSlot(),
      ...httpAuthorization(),
      ...(port.protocol === "grpc-web" ? [grpcWeb()] : []),
      ...httpPolicies(),
    ],
    accessLogs: httpStats(labels, local.metrics?.server),
    earlyHeaderMutations: [withoutForged(mtls ? "verified" : port.mode === "DISABLE" ? "unverifiable" : "unknown")],
    records: mtls ? "policies" : "plaintext",
    useRemoteAddress: false,
    clientCert: mtls ? "APPEND_FORWARD" : "SANITIZE",
  });
}

function tcp(port: InboundPort, local: Local, mtls: boolean): FilterChain["filters"][number] {
  const cluster = clusterName("inbound", port.port, "", "");
  return forward(cluster, `inbound_0.0.0.0_${port.port};`, port.service, local, mtls);
}

function forward(
  cluster: string,
  statPrefix: string,
  service: ServiceName,
  local: Local,
  mtls: boolean,
): FilterChain["filters"][number] {
  return tcpProxy({
    statPrefix,
    clusters: [{ cluster, weight: 1 }],
    accessLogs: [
      ...tcpStats(destinationLabels(local, service, tcpPeer(mtls), "tcp", mtls), local.metrics?.server),
      ...tcpAccessLogs(local, "inbound"),
      ...tcpRecords(local, !mtls),
    ],
    toldAgainMs: mtls ? knownAgainMs : toldAgainMs,
    afterHandshake: mtls,
  });
}

/** Ports that no service names: passed to where they were called, with mTLS where only that is allowed. */
function otherPorts({ mode, others }: InboundPlan, local: Local): readonly FilterChain[] {
  // Nothing tells the mesh's TLS from the application's there, so where plaintext is allowed bytes go on as they are.
  return [...others, { port: undefined, mode }].map((p) => otherChain(p.port, p.mode === "STRICT", local));
}

function otherChain(port: number | undefined, mtls: boolean, local: Local): FilterChain {
  const unnamed = { host: inboundPassthroughCluster, name: inboundPassthroughCluster, namespace: local.namespace };
  const pass = forward(inboundPassthroughCluster, inboundPassthroughCluster, unnamed, local, mtls);
  const match: Match = mtls ? { transportProtocol: "tls" } : {};
  return chain(port, "tcp", match, [...tcpAuthorization(local, true), pass], mtls, local);
}

/**
 * Everything to the application; how long it takes is the caller's concern. A connection that the application had closed before the request was
 * written to it is no failure: the request goes out again. Streams of gRPC are not, as in Istio.
 */
function inboundRoutes(
  cluster: string,
  { port, protocol }: InboundPort,
): MessageInitShape<typeof RouteConfigurationSchema> {
  return {
    name: cluster,
    validateClusters: false,
    virtualHosts: [
      {
        name: `inbound|http|${port}`,
        domains: ["*"],
        routes: [
          {
            name: "default",
            match: { pathSpecifier: { case: "prefix", value: "/" } },
            action: {
              case: "route",
              value: {
                clusterSpecifier: { case: "cluster", value: cluster },
                ...timeoutFields(0),
                ...(isGrpc(protocol) ? {} : { retryPolicy: { retryOn: "reset-before-request", numRetries: 2 } }),
              },
            },
          },
        ],
      },
    ],
  };
}
