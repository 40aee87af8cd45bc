import type { Filter } from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import { clusterName } from "../../plan/cluster-name.ts";
import type { InboundPort } from "../../plan/listener/inbound.ts";
import { isHttp2 } from "../../plan/protocol.ts";
import type { Local } from "../local.ts";
import { tcpAuthorization } from "../security/authorization-slot.ts";
import { unreadAlpn } from "../tls/unread.ts";
import { tcpProxy } from "./tcp-proxy.ts";

/** What callers offer whose HTTP passes a port unread: of what its application speaks alone, as other services of the port may call it something else. */
export function unreadName({ protocol }: Pick<InboundPort, "protocol">): string {
  return isHttp2(protocol) ? unreadAlpn.http2 : unreadAlpn.http1;
}

/**
 * Carries requests as bytes. Nothing counts or logs these connections: they are no traffic of their own, and requests are told by who sends them. No
 * policy holds while they pass so; its place is there for connections that come between a policy and the change of this listener.
 */
export function unreadFilters({ port }: InboundPort, local: Local): readonly Filter[] {
  const carry = tcpProxy({
    statPrefix: `inbound_0.0.0.0_${port};`,
    clusters: [{ cluster: clusterName("inbound", port, "", ""), weight: 1 }],
    accessLogs: [],
    afterHandshake: true,
    // A request may wait for its answer, and a WebSocket be silent, as long as its ends like.
    idleTimeoutMs: 0,
  });
  return [...tcpAuthorization(local, true), carry];
}
