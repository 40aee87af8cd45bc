import { clone, create } from "@bufbuild/protobuf";
import { TrafficDirection } from "../../gen/envoy/config/core/v3/base_pb.js";
import { ApiVersion } from "../../gen/envoy/config/core/v3/config_source_pb.js";
import { FilterSchema } from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import { type Listener, ListenerSchema } from "../../gen/envoy/config/listener/v3/listener_pb.js";
import { RouterSchema } from "../../gen/envoy/extensions/filters/http/router/v3/router_pb.js";
import {
  HttpConnectionManagerSchema,
  HttpFilterSchema,
  HttpConnectionManager_ServerHeaderTransformation as ServerHeader,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import type { InboundPlan } from "../../plan/listener/inbound.ts";
import { duration, packed } from "../any.ts";
import type { Local } from "../local.ts";
import { explicitRoutesName } from "../route/explicit-proxy.ts";
import { forwardProxyFilter } from "./idle-filters.ts";
import { virtualInbound } from "./inbound.ts";
import { originalDestination } from "./listener-filters.ts";
import { tcpAddress } from "./socket.ts";

// Where nothing is captured, a proxy listens at its Pod's address for those who call, and its application asks it for the way out.

/** `inbound_127.64.0.7_9080`: one inbound port at the Pod's own address; inside it is what virtualInbound has for this port. */
export function inboundListener(plan: InboundPlan, port: number, local: Local, ip: string): Listener | undefined {
  const only = plan.ports.filter((p) => p.port === port);
  const made = clone(ListenerSchema, virtualInbound({ ...plan, ports: only }, local, port));
  const restores = originalDestination().name;
  // Not `127.64.0.7_9080`: so is the outbound listener called for a headless service that has this Pod among its endpoints.
  made.name = `inbound_${ip}_${port}`;
  made.address = tcpAddress(ip, port);
  made.listenerFilters = made.listenerFilters.filter((f) => f.name !== restores);
  made.filterChains = made.filterChains.filter((c) => c.filterChainMatch?.destinationPort === port);
  for (const { filterChainMatch } of made.filterChains)
    if (filterChainMatch) filterChainMatch.destinationPort = undefined;
  return made.filterChains.length === 0 ? undefined : made;
}

/** A listener that captures, reached from inside the proxy instead: it is told the address that was called. */
export function internalListener(captures: Listener): Listener {
  const made = clone(ListenerSchema, captures);
  made.address = undefined;
  made.bindToPort = undefined;
  made.listenerSpecifier = create(ListenerSchema, {
    listenerSpecifier: { case: "internalListener", value: {} },
  }).listenerSpecifier;
  made.listenerFilters = [originalDestination(), ...made.listenerFilters];
  return made;
}

/** The same listener at a Pod's address, where it was to listen at all. */
export function boundTo(listener: Listener, ip: string): Listener {
  const made = clone(ListenerSchema, listener);
  const socket = made.address?.address;
  if (socket?.case === "socketAddress" && socket.value.address === "0.0.0.0") socket.value.address = ip;
  return made;
}

export const explicitListenerName = "explicitOutbound";

/**
 * The HTTP proxy that the application asks: requests in absolute form, and CONNECT. It changes nothing in a request and counts nothing: the
 * listeners behind it do.
 */
export function explicitProxyListener(ip: string, port: number): Listener {
  return create(ListenerSchema, {
    name: explicitListenerName,
    address: tcpAddress(ip, port),
    trafficDirection: TrafficDirection.OUTBOUND,
    filterChains: [{ filters: [explicitManager()] }],
  });
}

function explicitManager() {
  const manager = packed(HttpConnectionManagerSchema, {
    statPrefix: "explicit_outbound",
    routeSpecifier: {
      case: "rds",
      value: {
        routeConfigName: explicitRoutesName,
        configSource: {
          resourceApiVersion: ApiVersion.V3,
          configSourceSpecifier: { case: "ads", value: {} },
          initialFetchTimeout: duration(0),
        },
      },
    },
    httpFilters: [
      forwardProxyFilter(),
      create(HttpFilterSchema, {
        name: "envoy.filters.http.router",
        configType: { case: "typedConfig", value: packed(RouterSchema, { suppressEnvoyHeaders: true }) },
      }),
    ],
    generateRequestId: false,
    preserveExternalRequestId: true,
    useRemoteAddress: false,
    skipXffAppend: true,
    serverHeaderTransformation: ServerHeader.PASS_THROUGH,
    streamIdleTimeout: duration(0),
    httpProtocolOptions: { acceptHttp10: true },
    upgradeConfigs: [{ upgradeType: "websocket" }, { upgradeType: "CONNECT" }],
  });
  return create(FilterSchema, {
    name: "envoy.filters.network.http_connection_manager",
    configType: { case: "typedConfig", value: manager },
  });
}
