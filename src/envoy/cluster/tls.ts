import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import {
  Cluster_TransportSocketMatchSchema,
  type ClusterSchema,
} from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { type TransportSocket, TransportSocketSchema } from "../../gen/envoy/config/core/v3/base_pb.js";
import { ProxyProtocolConfig_Version as Version } from "../../gen/envoy/config/core/v3/proxy_protocol_pb.js";
import { ProxyProtocolUpstreamTransportSchema } from "../../gen/envoy/extensions/transport_sockets/proxy_protocol/v3/upstream_proxy_protocol_pb.js";
import type { ClusterPlan } from "../../plan/cluster/cluster.ts";
import type { Init } from "../init.ts";
import type { SecretsFrom } from "../tls/secret-source.ts";
import { rawBuffer } from "../tls/transport-socket.ts";
import { offeredUnread } from "../tls/unread.ts";
import { originatedTls, upstreamMtls } from "../tls/upstream.ts";

/** The transport of a cluster's connections. With auto mTLS each endpoint says in its metadata which it takes. */
export function transportSockets(plan: ClusterPlan, from: SecretsFrom): Init<typeof ClusterSchema> {
  const wrap = (socket: TransportSocket) =>
    plan.proxyProtocol === undefined ? socket : withProxyProtocol(socket, plan.proxyProtocol);
  const { tls } = plan;
  if (tls.kind === "none" || tls.kind === "closed")
    return plan.proxyProtocol === undefined ? {} : { transportSocket: wrap(rawBuffer) };
  if (tls.kind === "originated") return { transportSocket: wrap(originatedTls(tls)) };
  const mtls = wrap(upstreamMtls(tls, from, plan.unread === undefined ? [] : offeredUnread[plan.unread]));
  if (!tls.auto) return { transportSocket: mtls };
  return {
    transportSocketMatches: [
      { name: "tlsMode-istio", match: { tlsMode: "istio" }, transportSocket: mtls },
      plan.proxyProtocol === undefined
        ? plainMatch
        : { name: plainMatch.name, match: {}, transportSocket: wrap(rawBuffer) },
    ],
  };
}

const plainMatch = create(Cluster_TransportSocketMatchSchema, {
  name: "tlsMode-disabled",
  match: {},
  transportSocket: rawBuffer,
});

function withProxyProtocol(inner: TransportSocket, version: "V1" | "V2"): TransportSocket {
  return create(TransportSocketSchema, {
    name: "envoy.transport_sockets.upstream_proxy_protocol",
    configType: {
      case: "typedConfig",
      value: anyPack(
        ProxyProtocolUpstreamTransportSchema,
        create(ProxyProtocolUpstreamTransportSchema, {
          config: { version: version === "V1" ? Version.V1 : Version.V2 },
          transportSocket: inner,
        }),
      ),
    },
  });
}
