import type { ClientTLSSettings } from "../../gen/istio/destination-rule.ts";
import type { BackendTls } from "../gateway-api/backend-tls.ts";
import { rootsReference, systemRoots } from "../security/references.ts";
import type { Service } from "../service.ts";

/** How connections to a cluster's endpoints are secured; `closed`: they cannot be as they must, so there are none. */
export type TlsPlan = { readonly kind: "none" } | MeshTls | OriginatedTls | { readonly kind: "closed" };

/** The mesh's own mTLS: the proxy's certificate, the mesh's roots. */
export interface MeshTls {
  readonly kind: "mesh";
  /** Whether only endpoints that say so get it, and the others plain text. */
  readonly auto: boolean;
  /** `outbound_.9080_.v1_.reviews.default.svc.cluster.local`. */
  readonly sni: string;
  readonly identities: readonly Identity[];
}

/** What a server's certificate must name, one of the list: a whole SPIFFE ID or other name, or the beginning of a SPIFFE ID. */
export type Identity = { readonly exact: string } | { readonly prefix: string };

/** TLS to a server whose certificate is no concern of the mesh. */
export interface OriginatedTls {
  readonly kind: "originated";
  /** Absent: the Host of the request. */
  readonly sni?: string;
  /** Names of which the certificate must have one; empty: the Host of the request when `sni` is absent, else nothing is checked. */
  readonly subjectAltNames: readonly string[];
  readonly verify: boolean;
  /** Empty: Envoy's own choice. */
  readonly cipherSuites: readonly string[];
  readonly curves: readonly string[];
  /** Where roots and, with MUTUAL, certificate and key come from. */
  readonly source:
    | TlsFiles
    | { readonly kind: "secret"; readonly name: string; readonly mutual: boolean }
    | TlsReferences;
}

export interface TlsFiles {
  readonly kind: "files";
  /** Absent: the roots of the proxy's operating system. */
  readonly roots?: string;
  /** These as a secret, by its name, where names are checked: Envoy checks none against roots that it finds by itself. */
  readonly systemRoots?: string;
  readonly revoked?: string;
  readonly certificate?: string;
  readonly key?: string;
}

/** Names of secrets that Gateway API's objects refer to. */
export interface TlsReferences {
  readonly kind: "references";
  readonly roots: string;
  readonly certificate?: string;
}

export interface TlsInput {
  readonly settings: ClientTLSSettings | undefined;
  readonly service: Pick<Service, "external" | "kind" | "subjectAltNames">;
  readonly autoMtls: boolean;
  /** Whether each endpoint can say for itself whether it takes mTLS; else `allMtls` decides for all. */
  readonly perEndpoint: boolean;
  readonly allMtls: boolean;
  readonly sni: string;
  readonly identities: readonly Identity[];
  /** Whether credentialName counts: on gateways, and on sidecars for rules with a workloadSelector. */
  readonly secretsAllowed: boolean;
  /** MeshConfig's tlsDefaults. */
  readonly defaults: { readonly cipherSuites?: readonly string[]; readonly ecdhCurves?: readonly string[] };
}

/** Source: istio.io/latest/docs/reference/config/networking/destination-rule#ClientTLSSettings and Istio's auto mTLS. */
export function tlsPlan(input: TlsInput): TlsPlan {
  const { settings } = input;
  if (settings === undefined || settings.mode === undefined) return autoMtls(input);
  if (settings.mode === "DISABLE") return { kind: "none" };
  if (settings.mode === "ISTIO_MUTUAL") {
    const said = (settings.subjectAltNames ?? []).map((exact) => ({ exact }));
    return {
      kind: "mesh",
      auto: false,
      sni: settings.sni || input.sni,
      identities: said.length > 0 ? said : input.identities,
    };
  }
  return originated(settings, settings.mode === "MUTUAL", input);
}

/** What a BackendTLSPolicy asks for. `shows`: the client's certificate. */
export function backendTlsPlan(
  { sni, subjectAltNames, trust }: BackendTls,
  shows: string | undefined,
  defaults: TlsInput["defaults"],
): TlsPlan {
  if (trust === undefined) return { kind: "closed" };
  return {
    kind: "originated",
    sni,
    subjectAltNames,
    verify: true,
    cipherSuites: defaults.cipherSuites ?? [],
    curves: defaults.ecdhCurves ?? [],
    source: { kind: "references", ...trust, ...(shows === undefined ? {} : { certificate: shows }) },
  };
}

function autoMtls(input: TlsInput): TlsPlan {
  const { sni, identities } = input;
  if (!input.autoMtls || input.service.external) return { kind: "none" };
  if (input.perEndpoint) return { kind: "mesh", auto: true, sni, identities };
  return input.allMtls ? { kind: "mesh", auto: false, sni, identities } : { kind: "none" };
}

function originated(settings: ClientTLSSettings, mutual: boolean, input: TlsInput): OriginatedTls {
  const said = settings.subjectAltNames ?? [];
  const names = said.length > 0 || input.service.kind !== "ServiceEntry" ? said : input.service.subjectAltNames;
  const verify = settings.insecureSkipVerify !== true;
  return {
    kind: "originated",
    ...(settings.sni ? { sni: settings.sni } : {}),
    subjectAltNames: names,
    verify,
    cipherSuites: input.defaults.cipherSuites ?? [],
    curves: input.defaults.ecdhCurves ?? [],
    source:
      settings.credentialName && input.secretsAllowed
        ? { kind: "secret", name: settings.credentialName, mutual }
        : files(settings, mutual, verify && names.length > 0),
  };
}

function files(settings: ClientTLSSettings, mutual: boolean, named: boolean): TlsFiles {
  const { caCertificates, caCrl: revoked, clientCertificate: certificate, privateKey: key } = settings;
  const roots = caCertificates && caCertificates !== "system" ? { roots: caCertificates } : undefined;
  return {
    kind: "files",
    ...(roots ?? (named ? { systemRoots: rootsReference([systemRoots]) } : {})),
    ...(revoked ? { revoked } : {}),
    ...(mutual && certificate && key ? { certificate, key } : {}),
  };
}
