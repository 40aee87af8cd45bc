import { create } from "@bufbuild/protobuf";
import {
  CertificateValidationContextSchema,
  type SubjectAltNameMatcher,
  type TlsParameters,
} from "../../gen/envoy/extensions/transport_sockets/tls/v3/common_pb.js";
import type { SdsSecretConfig } from "../../gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import {
  type CommonTlsContext,
  CommonTlsContext_CombinedCertificateValidationContextSchema,
  CommonTlsContextSchema,
} from "../../gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import { meshRoots, ownCertificate, type SecretsFrom, secret } from "./secret-source.ts";
import { tlsVersions } from "./versions.ts";

/** The mesh's mTLS on either side: the workload's own certificate, the mesh's roots, and (when any are given) names of which the peer must bear one. */
export function meshContext(
  from: SecretsFrom,
  names: readonly SubjectAltNameMatcher[],
  alpnProtocols: readonly string[],
  tlsParams: TlsParameters = tlsVersions,
): CommonTlsContext {
  return create(CommonTlsContextSchema, {
    tlsParams,
    alpnProtocols: [...alpnProtocols],
    tlsCertificateSdsSecretConfigs: [secrets[from].own],
    validationContextType: {
      case: "combinedValidationContext",
      value: create(CommonTlsContext_CombinedCertificateValidationContextSchema, {
        defaultValidationContext: create(CertificateValidationContextSchema, { matchTypedSubjectAltNames: [...names] }),
        validationContextSdsSecretConfig: secrets[from].roots,
      }),
    },
  });
}

// Thousands of clusters share these: making a message is what encoding costs most for.
const secrets: Readonly<Record<SecretsFrom, { readonly own: SdsSecretConfig; readonly roots: SdsSecretConfig }>> = {
  ads: { own: secret(ownCertificate, "ads"), roots: secret(meshRoots, "ads") },
  "sds-grpc": { own: secret(ownCertificate, "sds-grpc"), roots: secret(meshRoots, "sds-grpc") },
};
