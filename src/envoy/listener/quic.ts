import { create } from "@bufbuild/protobuf";
import { TrafficDirection } from "../../gen/envoy/config/core/v3/base_pb.js";
import type { FilterChain } from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import { type Listener, ListenerSchema } from "../../gen/envoy/config/listener/v3/listener_pb.js";
import type { GatewayListener } from "../../plan/gateway/listeners.ts";
import { udpAddress } from "./socket.ts";

/** `udp_0.0.0.0_8443`: HTTP/3 beside the TCP listener of the same port. */
export function quicListener({ address, port }: GatewayListener, filterChains: readonly FilterChain[]): Listener {
  return create(ListenerSchema, {
    name: `udp_${address}_${port}`,
    address: udpAddress(address, port),
    trafficDirection: TrafficDirection.OUTBOUND,
    udpListenerConfig: { quicOptions: {}, downstreamSocketConfig: {} },
    filterChains: [...filterChains],
  });
}
