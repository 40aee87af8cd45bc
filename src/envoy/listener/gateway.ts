import { create } from "@bufbuild/protobuf";
import { TrafficDirection, type TransportSocket } from "../../gen/envoy/config/core/v3/base_pb.js";
import { type FilterChain, FilterChainSchema } from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import { type Listener, ListenerSchema } from "../../gen/envoy/config/listener/v3/listener_pb.js";
import type { Edge } from "../../plan/gateway/edge.ts";
import type { GatewayChain, GatewayListener } from "../../plan/gateway/listeners.ts";
import { settingsAt } from "../../plan/proxy/http-defaults.ts";
import { duration } from "../any.ts";
import type { Local } from "../local.ts";
import { httpPolicies } from "../policy/slot.ts";
import { httpAuthorization, tcpAuthorization } from "../security/authorization-slot.ts";
import { listenerAccessLogs, tcpAccessLogs } from "../telemetry/access-log.ts";
import { protocolLabel, sourceLabels } from "../telemetry/labels.ts";
import { tellPeer } from "../telemetry/peer.ts";
import { recordsSlot } from "../telemetry/records.ts";
import { httpStats, statsFilters, tcpStats } from "../telemetry/stats-logger.ts";
import { gatewayTls, quicTls, type ServerTlsOptions } from "../tls/gateway-server.ts";
import { byServerName } from "./by-server-name.ts";
import { connectionManager } from "./connection-manager.ts";
import { discoveredRoutes } from "./discovered-routes.ts";
import { withoutForged } from "./forged.ts";
import { grpcWeb } from "./grpc-web.ts";
import { routeDrivenFilters } from "./idle-filters.ts";
import { proxyProtocol, tlsInspector } from "./listener-filters.ts";
import { oneHostOnly } from "./one-host.ts";
import { quicListener } from "./quic.ts";
import { boundAddress } from "./socket.ts";
import { tcpProxy } from "./tcp-proxy.ts";

/** How long a client of a TLS port may take for its hello. */
const helloWaitMs = 15_000;

/** `0.0.0.0_8080`: a port of a gateway; `udp_0.0.0.0_8443`: the same for HTTP/3. */
export function gatewayListener(plan: GatewayListener, local: Local, edge: Edge): Listener {
  if (plan.transport === "quic")
    return quicListener(
      plan,
      plan.chains.map((chain) => filterChain(chain, plan, local, edge)),
    );
  const tls = plan.chains.some((c) => c.secure);
  const { bufferBytes } = settingsAt("anybody", local.http ?? {});
  return create(ListenerSchema, {
    name: `${plan.address}_${plan.port}`,
    address: boundAddress(plan.address, plan.port),
    trafficDirection: TrafficDirection.OUTBOUND,
    listenerFilters: [...(edge.proxyProtocol ? [proxyProtocol()] : []), ...(tls ? [tlsInspector()] : [])],
    ...(tls ? { listenerFiltersTimeout: duration(helloWaitMs) } : {}),
    filterChains: plan.chains.map((chain) => filterChain(chain, plan, local, edge)),
    accessLog: [...listenerAccessLogs(local, "gateway")],
    ...(bufferBytes === undefined ? {} : { perConnectionBufferLimitBytes: bufferBytes }),
  });
}

function filterChain(chain: GatewayChain, plan: GatewayListener, local: Local, edge: Edge): FilterChain {
  const http = chain.kind === "http";
  const match = chainMatch(chain, plan);
  return create(FilterChainSchema, {
    ...(match === undefined ? {} : { filterChainMatch: match }),
    filters: http
      ? [httpFilter(chain, plan, local, edge)]
      : [...tcpAuthorization(local), ...byServerName(chain.byName), tcpFilter(chain, plan, local)],
    ...(chain.tls === undefined
      ? {}
      : { transportSocket: transportSocket(chain.tls, plan, { http, from: local.secretsFrom, defaults: edge.tls }) }),
  });
}

function transportSocket(
  tls: NonNullable<GatewayChain["tls"]>,
  { transport }: GatewayListener,
  how: ServerTlsOptions,
): TransportSocket {
  return transport === "quic" ? quicTls(tls, how) : gatewayTls(tls, how);
}

/** None where all connections of a port are the same. */
function chainMatch({ secure, serverNames }: GatewayChain, plan: GatewayListener) {
  if (plan.transport === "quic") return { serverNames: [...serverNames] };
  if (secure) return { transportProtocol: "tls", serverNames: [...serverNames] };
  return plan.chains.some((c) => c.secure) ? { transportProtocol: "raw_buffer" } : undefined;
}

function httpFilter(chain: GatewayChain & { kind: "http" }, plan: GatewayListener, local: Local, edge: Edge) {
  const peers = chain.tls?.mode === "ISTIO_MUTUAL";
  const labels = sourceLabels(local, protocolLabel({ http: true, grpc: true }));
  return connectionManager({
    side: "gateway",
    ...(peers ? { door: "peers" } : {}),
    local,
    statPrefix: `outbound_${plan.address}_${plan.port}`,
    routes: discoveredRoutes(chain.table),
    filters: [
      oneHostOnly(),
      ...statsFilters(labels, local.metrics?.client),
      recordsSlot(),
      ...httpAuthorization(),
      ...(plan.grpcWeb ? [grpcWeb()] : []),
      ...routeDrivenFilters(...httpPolicies()),
    ],
    accessLogs: httpStats(labels, local.metrics?.client),
    records: "policies",
    earlyHeaderMutations: [withoutForged(peers ? "verified" : "unknown", [tellPeer(local)])],
    useRemoteAddress: true,
    http3: plan.transport === "quic",
    xffTrustedHops: edge.trustedProxies,
    clientCert: edge.forwardClientCert ?? (chain.tls === undefined ? "SANITIZE" : "SANITIZE_SET"),
  });
}

function tcpFilter(chain: GatewayChain & { kind: "tcp" }, plan: GatewayListener, local: Local) {
  const clusters = chain.destinations.map(({ cluster, weight, tunnel }) => ({
    cluster,
    weight,
    ...(tunnel === undefined ? {} : { tunnel }),
  }));
  return tcpProxy({
    statPrefix: `outbound_${plan.address}_${plan.port}`,
    clusters,
    accessLogs: [...tcpStats(sourceLabels(local, "tcp"), local.metrics?.client), ...tcpAccessLogs(local, "gateway")],
  });
}
