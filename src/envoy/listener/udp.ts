import { create } from "@bufbuild/protobuf";
import { TrafficDirection } from "../../gen/envoy/config/core/v3/base_pb.js";
import { type Listener, ListenerSchema } from "../../gen/envoy/config/listener/v3/listener_pb.js";
import { RouteSchema } from "../../gen/envoy/extensions/filters/udp/udp_proxy/v3/route_pb.js";
import { UdpProxyConfigSchema } from "../../gen/envoy/extensions/filters/udp/udp_proxy/v3/udp_proxy_pb.js";
import type { UdpPort } from "../../plan/gateway-api/udp-routes.ts";
import { packed } from "../any.ts";
import { udpAddress } from "./socket.ts";

/** `udp_0.0.0.0_5300`: a UDP port of a gateway. A client's datagrams stay with one endpoint while it goes on sending. */
export function udpListener({ address, port, cluster }: UdpPort): Listener {
  const proxy = packed(UdpProxyConfigSchema, {
    statPrefix: `outbound_${address}_${port}`,
    routeSpecifier: {
      case: "matcher",
      value: {
        onNoMatch: {
          onMatch: { case: "action", value: { name: "route", typedConfig: packed(RouteSchema, { cluster }) } },
        },
      },
    },
  });
  return create(ListenerSchema, {
    name: `udp_${address}_${port}`,
    address: udpAddress(address, port),
    trafficDirection: TrafficDirection.OUTBOUND,
    udpListenerConfig: { downstreamSocketConfig: {} },
    listenerFilters: [
      { name: "envoy.filters.udp_listener.udp_proxy", configType: { case: "typedConfig", value: proxy } },
    ],
  });
}
