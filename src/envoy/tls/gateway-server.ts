import { create } from "@bufbuild/protobuf";
import type { TransportSocket } from "../../gen/envoy/config/core/v3/base_pb.js";
import type { CertificateValidationContextSchema } from "../../gen/envoy/extensions/transport_sockets/tls/v3/common_pb.js";
import {
  TlsParameters_TlsProtocol,
  CertificateValidationContext_TrustChainVerification as TrustChain,
} from "../../gen/envoy/extensions/transport_sockets/tls/v3/common_pb.js";
import {
  type CommonTlsContextSchema,
  type DownstreamTlsContext,
  DownstreamTlsContextSchema,
} from "../../gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import type { ServerTLSSettings } from "../../gen/istio/gateway.ts";
import type { TlsDefaults } from "../../plan/gateway/edge.ts";
import { serverCredentials } from "../../plan/security/credential.ts";
import type { Init } from "../init.ts";
import { downstreamMtls } from "./downstream.ts";
import { noResumption } from "./resumption.ts";
import { credential, type SecretsFrom } from "./secret-source.ts";
import { nameMatcher } from "./subject-alt-names.ts";
import { downstreamQuic, downstreamTls } from "./transport-socket.ts";

const protocols = {
  TLS_AUTO: TlsParameters_TlsProtocol.TLS_AUTO,
  TLSV1_0: TlsParameters_TlsProtocol.TLSv1_0,
  TLSV1_1: TlsParameters_TlsProtocol.TLSv1_1,
  TLSV1_2: TlsParameters_TlsProtocol.TLSv1_2,
  TLSV1_3: TlsParameters_TlsProtocol.TLSv1_3,
} as const;

export interface ServerTlsOptions {
  /** HTTP inside: both versions are offered. */
  readonly http: boolean;
  readonly from: SecretsFrom;
  /** Where the server does not say. */
  readonly defaults: TlsDefaults;
}

/** TLS of a gateway's server. Certificates come from files or from Secrets of the gateway's namespace; TLS 1.2 at least unless told otherwise. */
export function gatewayTls(tls: ServerTLSSettings, { http, from, defaults }: ServerTlsOptions): TransportSocket {
  if (tls.mode === "ISTIO_MUTUAL") return downstreamMtls(from);
  return downstreamTls(serverContext(tls, http ? ["h2", "http/1.1"] : [], defaults));
}

/** The same for HTTP/3. */
export function quicTls(tls: ServerTLSSettings, { defaults }: ServerTlsOptions): TransportSocket {
  return downstreamQuic(serverContext(tls, ["h3"], defaults));
}

function serverContext(
  tls: ServerTLSSettings,
  alpnProtocols: string[],
  { cipherSuites, curves, minProtocolVersion = "TLS_AUTO" }: TlsDefaults,
): DownstreamTlsContext {
  const said = tls.minProtocolVersion ?? "TLS_AUTO";
  const min = said === "TLS_AUTO" ? minProtocolVersion : said;
  const verifies = tls.mode === "MUTUAL" || tls.mode === "OPTIONAL_MUTUAL";
  return create(DownstreamTlsContextSchema, {
    requireClientCertificate: tls.mode === "MUTUAL",
    ...(verifies ? noResumption : {}),
    commonTlsContext: {
      alpnProtocols,
      tlsParams: {
        tlsMinimumProtocolVersion: protocols[min === "TLS_AUTO" ? "TLSV1_2" : min],
        tlsMaximumProtocolVersion: protocols[tls.maxProtocolVersion ?? "TLS_AUTO"],
        cipherSuites: [...(tls.cipherSuites?.length ? tls.cipherSuites : cipherSuites)],
        ecdhCurves: [...curves],
      },
      ...certificates(tls),
      ...(verifies ? clientValidation(tls) : {}),
    },
  });
}

type Context = Init<typeof CommonTlsContextSchema>;

function certificates(tls: ServerTLSSettings): Context {
  const { certificates: named } = serverCredentials(tls);
  if (named.length > 0) return { tlsCertificateSdsSecretConfigs: named.map(credential) };
  const files = tls.tlsCertificates?.length ? tls.tlsCertificates : [tls];
  return {
    tlsCertificates: files.map((f) => ({
      certificateChain: file(f.serverCertificate ?? ""),
      privateKey: file(f.privateKey ?? ""),
    })),
  };
}

function clientValidation(tls: ServerTLSSettings): Context {
  const rules: Init<typeof CertificateValidationContextSchema> = {
    matchTypedSubjectAltNames: (tls.subjectAltNames ?? []).map(nameMatcher),
    verifyCertificateSpki: [...(tls.verifyCertificateSpki ?? [])],
    verifyCertificateHash: [...(tls.verifyCertificateHash ?? [])],
    ...(tls.insecureSkipVerify ? { trustChainVerification: TrustChain.ACCEPT_UNTRUSTED } : {}),
  };
  const { roots } = serverCredentials(tls);
  if (roots !== undefined) {
    return {
      validationContextType: {
        case: "combinedValidationContext",
        value: { defaultValidationContext: rules, validationContextSdsSecretConfig: credential(roots) },
      },
    };
  }
  const crl = tls.caCrl ? { crl: file(tls.caCrl) } : {};
  const trusted = tls.caCertificates ? { trustedCa: file(tls.caCertificates) } : {};
  return { validationContextType: { case: "validationContext", value: { ...rules, ...trusted, ...crl } } };
}

function file(filename: string) {
  return { specifier: { case: "filename" as const, value: filename } };
}
