import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { type TransportSocket, TransportSocketSchema } from "../../gen/envoy/config/core/v3/base_pb.js";
import { QuicDownstreamTransportSchema } from "../../gen/envoy/extensions/transport_sockets/quic/v3/quic_transport_pb.js";
import { RawBufferSchema } from "../../gen/envoy/extensions/transport_sockets/raw_buffer/v3/raw_buffer_pb.js";
import {
  type DownstreamTlsContext,
  DownstreamTlsContextSchema,
  type UpstreamTlsContext,
  UpstreamTlsContextSchema,
} from "../../gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import { packed } from "../any.ts";

const tls = "envoy.transport_sockets.tls";

/** TLS towards a server. */
export function upstreamTls(context: UpstreamTlsContext): TransportSocket {
  return create(TransportSocketSchema, {
    name: tls,
    configType: { case: "typedConfig", value: anyPack(UpstreamTlsContextSchema, context) },
  });
}

/** TLS towards a client. */
export function downstreamTls(context: DownstreamTlsContext): TransportSocket {
  return create(TransportSocketSchema, {
    name: tls,
    configType: { case: "typedConfig", value: anyPack(DownstreamTlsContextSchema, context) },
  });
}

/** TLS of QUIC towards a client. */
export function downstreamQuic(downstreamTlsContext: DownstreamTlsContext): TransportSocket {
  return create(TransportSocketSchema, {
    name: "envoy.transport_sockets.quic",
    configType: { case: "typedConfig", value: packed(QuicDownstreamTransportSchema, { downstreamTlsContext }) },
  });
}

/** Plain text. */
export const rawBuffer: TransportSocket = create(TransportSocketSchema, {
  name: "envoy.transport_sockets.raw_buffer",
  configType: { case: "typedConfig", value: packed(RawBufferSchema, {}) },
});
