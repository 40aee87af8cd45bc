import { clone, create } from "@bufbuild/protobuf";
import {
  type Cluster,
  ClusterSchema,
  Cluster_DiscoveryType as DiscoveryType,
} from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { TransportSocketSchema } from "../../gen/envoy/config/core/v3/base_pb.js";
import type { LbEndpointSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_components_pb.js";
import { InternalUpstreamTransportSchema } from "../../gen/envoy/extensions/transport_sockets/internal_upstream/v3/internal_upstream_pb.js";
import type { Way, WayEnd } from "../../plan/listener/explicit-proxy.ts";
import { packed } from "../any.ts";
import type { Init } from "../init.ts";
import { rawBuffer } from "../tls/transport-socket.ts";
import { circuitBreakers } from "./connection-pool.ts";
import { type ApplicationPort, type InboundOptions, inboundCluster } from "./inbound.ts";

/** `inbound|9080||` to an application at an address of its own. */
export function inboundAt(address: string, { to, ...port }: ApplicationPort, options: InboundOptions = {}): Cluster {
  const there = to?.kind === "socket" ? to : { kind: "address" as const, address, port: to?.port ?? port.port };
  const made = clone(ClusterSchema, inboundCluster({ ...port, to: there }, options));
  made.upstreamBindConfig = undefined;
  return made;
}

const calledAddress = "envoy.filters.listener.original_dst";

/** From one listener of a proxy to others, which are told the address that was called. */
export function wayCluster({ name, ends }: Way): Cluster {
  return create(ClusterSchema, {
    name,
    clusterDiscoveryType: { case: "type", value: DiscoveryType.STATIC },
    circuitBreakers: circuitBreakers({ connectTimeoutMs: 0 }),
    loadAssignment: { clusterName: name, endpoints: [{ lbEndpoints: ends.map(lbEndpoint) }] },
    transportSocket: create(TransportSocketSchema, {
      name: "envoy.transport_sockets.internal_upstream",
      configType: {
        case: "typedConfig",
        value: packed(InternalUpstreamTransportSchema, {
          passthroughMetadata: [{ name: calledAddress, kind: { kind: { case: "host", value: {} } } }],
          transportSocket: rawBuffer,
        }),
      },
    }),
  });
}

function lbEndpoint({ listener, called }: WayEnd): Init<typeof LbEndpointSchema> {
  const internal = {
    addressNameSpecifier: { case: "serverListenerName" as const, value: listener },
    endpointId: called ?? listener,
  };
  return {
    hostIdentifier: {
      case: "endpoint",
      value: { address: { address: { case: "envoyInternalAddress", value: internal } } },
    },
    ...(called === undefined ? {} : { metadata: { filterMetadata: { [calledAddress]: { local: called } } } }),
  };
}
