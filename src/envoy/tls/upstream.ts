import { create } from "@bufbuild/protobuf";
import type { TransportSocket } from "../../gen/envoy/config/core/v3/base_pb.js";
import {
  type CertificateValidationContextSchema,
  CertificateValidationContext_TrustChainVerification as TrustChain,
} from "../../gen/envoy/extensions/transport_sockets/tls/v3/common_pb.js";
import {
  type CommonTlsContext,
  type CommonTlsContextSchema,
  UpstreamTlsContextSchema,
} from "../../gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import type { MeshTls, OriginatedTls, TlsFiles, TlsReferences } from "../../plan/cluster/tls.ts";
import { rootsName } from "../../plan/security/credential.ts";
import type { Init } from "../init.ts";
import { meshContext } from "./mesh-context.ts";
import { credential, type SecretsFrom } from "./secret-source.ts";
import { nameMatcher, uriMatcher } from "./subject-alt-names.ts";
import { upstreamTls } from "./transport-socket.ts";
import { tlsParameters } from "./versions.ts";

/**
 * The mesh's mTLS towards a server that must be one of the plan's identities. Without `alpn` it is left to the connection pool: `h2`, `http/1.1`, or
 * none for TCP.
 */
export function upstreamMtls(plan: MeshTls, from: SecretsFrom, alpn: readonly string[] = []): TransportSocket {
  const common = contextFor(plan.identities, from);
  const commonTlsContext = alpn.length === 0 ? common : { ...common, alpnProtocols: [...alpn] };
  return upstreamTls(create(UpstreamTlsContextSchema, { commonTlsContext, sni: plan.sni }));
}

// A service's ports' and subsets' plans share the list of its identities, so they share the message too.
const contexts: Readonly<Record<SecretsFrom, WeakMap<MeshTls["identities"], CommonTlsContext>>> = {
  ads: new WeakMap(),
  "sds-grpc": new WeakMap(),
};

function contextFor(identities: MeshTls["identities"], from: SecretsFrom): CommonTlsContext {
  const known = contexts[from].get(identities);
  if (known !== undefined) return known;
  const names = identities.map((i) => ("exact" in i ? nameMatcher(i.exact) : uriMatcher(i)));
  const made = meshContext(from, names, []);
  contexts[from].set(identities, made);
  return made;
}

/** TLS towards a server outside of the mesh. */
export function originatedTls(plan: OriginatedTls): TransportSocket {
  return upstreamTls(
    create(UpstreamTlsContextSchema, {
      sni: plan.sni ?? "",
      commonTlsContext: {
        ...trust(plan),
        tlsParams: tlsParameters(plan.cipherSuites, plan.curves),
      },
    }),
  );
}

type Context = Init<typeof CommonTlsContextSchema>;
type Validation = Init<typeof CertificateValidationContextSchema>;

function trust(plan: OriginatedTls): Context {
  const { source } = plan;
  if (source.kind === "files") return fromFiles(plan, source);
  return source.kind === "secret" ? fromSecret(plan, source) : fromReferences(plan, source);
}

function fromReferences(plan: OriginatedTls, { roots, certificate }: TlsReferences): Context {
  return {
    tlsCertificateSdsSecretConfigs: certificate === undefined ? [] : [credential(certificate)],
    ...againstSecret(plan, roots),
  };
}

function againstSecret(plan: OriginatedTls, roots: string, revoked: Validation = {}): Context {
  return {
    validationContextType: {
      case: "combinedValidationContext",
      value: {
        defaultValidationContext: { ...names(plan), ...revoked },
        validationContextSdsSecretConfig: credential(roots),
      },
    },
  };
}

function fromFiles(plan: OriginatedTls, source: TlsFiles): Context {
  const own =
    source.certificate === undefined || source.key === undefined
      ? []
      : [{ certificateChain: file(source.certificate), privateKey: file(source.key) }];
  const roots: Validation = source.roots === undefined ? { systemRootCerts: {} } : { trustedCa: file(source.roots) };
  const revoked: Validation = source.revoked === undefined ? {} : { crl: file(source.revoked) };
  if (source.systemRoots !== undefined)
    return { tlsCertificates: own, ...againstSecret(plan, source.systemRoots, revoked) };
  const value = plan.verify ? { ...names(plan), ...roots, ...revoked } : unverified;
  return { tlsCertificates: own, validationContextType: { case: "validationContext", value } };
}

function fromSecret(plan: OriginatedTls, source: { name: string; mutual: boolean }): Context {
  const own = source.mutual ? [credential(source.name)] : [];
  if (!plan.verify)
    return {
      tlsCertificateSdsSecretConfigs: own,
      validationContextType: { case: "validationContext", value: unverified },
    };
  return {
    tlsCertificateSdsSecretConfigs: own,
    validationContextType: {
      case: "combinedValidationContext",
      value: {
        defaultValidationContext: names(plan),
        validationContextSdsSecretConfig: credential(rootsName(source.name)),
      },
    },
  };
}

const unverified: Validation = { trustChainVerification: TrustChain.ACCEPT_UNTRUSTED };

function names(plan: OriginatedTls): Validation {
  return { matchTypedSubjectAltNames: plan.subjectAltNames.map(nameMatcher) };
}

function file(filename: string) {
  return { specifier: { case: "filename" as const, value: filename } };
}
