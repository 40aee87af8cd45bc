import { create } from "@bufbuild/protobuf";
import {
  CertificateValidationContextSchema,
  type SubjectAltNameMatcher,
  TlsParameters_TlsProtocol as TlsProtocol,
} from "../../gen/envoy/extensions/transport_sockets/tls/v3/common_pb.js";
import {
  type CommonTlsContext,
  CommonTlsContextSchema,
} from "../../gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import { meshRoots, ownCertificate, type SecretsFrom, secret } from "./secret-source.ts";

/** The mesh's mTLS on either side: the workload's own certificate, the mesh's roots, and (when any are given) names of which the peer must bear one. */
export function meshContext(
  from: SecretsFrom,
  names: readonly SubjectAltNameMatcher[],
  alpnProtocols: readonly string[],
): CommonTlsContext {
  return create(CommonTlsContextSchema, {
    tlsParams: { tlsMinimumProtocolVersion: TlsProtocol.TLSv1_2, tlsMaximumProtocolVersion: TlsProtocol.TLSv1_3 },
    alpnProtocols: [...alpnProtocols],
    tlsCertificateSdsSecretConfigs: [secret(ownCertificate, from)],
    validationContextType: {
      case: "combinedValidationContext",
      value: {
        defaultValidationContext: create(CertificateValidationContextSchema, { matchTypedSubjectAltNames: [...names] }),
        validationContextSdsSecretConfig: secret(meshRoots, from),
      },
    },
  });
}
