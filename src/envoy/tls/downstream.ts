import { create } from "@bufbuild/protobuf";
import type { TransportSocket } from "../../gen/envoy/config/core/v3/base_pb.js";
import { DownstreamTlsContextSchema } from "../../gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import type { MeshMtls } from "../../plan/security/mesh-mtls.ts";
import { meshContext } from "./mesh-context.ts";
import type { SecretsFrom } from "./secret-source.ts";
import { downstreamTls } from "./transport-socket.ts";
import { tlsParameters } from "./versions.ts";

/** The mesh's mTLS towards a caller, who must show a certificate of the mesh; who it is, is for policies to judge. Offers HTTP/2 and HTTP/1.1 by ALPN. */
export function downstreamMtls(from: SecretsFrom, asked?: MeshMtls): TransportSocket {
  return asked === undefined ? sockets[from] : build(from, asked);
}

function build(from: SecretsFrom, { only13, cipherSuites = [] }: MeshMtls = {}): TransportSocket {
  const params = tlsParameters(cipherSuites, []);
  if (only13) params.tlsMinimumProtocolVersion = params.tlsMaximumProtocolVersion;
  return downstreamTls(
    create(DownstreamTlsContextSchema, {
      commonTlsContext: meshContext(from, [], ["h2", "http/1.1"], params),
      requireClientCertificate: true,
    }),
  );
}

const sockets: Readonly<Record<SecretsFrom, TransportSocket>> = { ads: build("ads"), "sds-grpc": build("sds-grpc") };
