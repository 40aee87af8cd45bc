import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { SecretSchema } from "../gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import { SPIFFECertValidatorConfigSchema } from "../gen/envoy/extensions/transport_sockets/tls/v3/tls_spiffe_validator_config_pb.js";
import { hash } from "../std/hash.ts";
import type { KeyAndCertificate } from "./authority.ts";
import type { Trust, TrustedDomain } from "./trust.ts";

/** Names of the secrets on the wire, Istio's. */
export const SECRET_NAMES = { identity: "default", roots: "ROOTCA" } as const;

/** A Secret as an xDS resource: name, hash of the bytes, bytes. */
export interface SecretResource {
  readonly name: string;
  readonly version: string;
  readonly body: Uint8Array;
  readonly origins: readonly string[];
}

/** A certificate chain with its key: `default` for a workload's SVID, or another name (a gateway's own certificate). */
export function certificateSecret(
  name: string,
  { chain, key }: Pick<KeyAndCertificate, "chain" | "key">,
): SecretResource {
  return secret(name, {
    case: "tlsCertificate",
    value: { certificateChain: inline(chain), privateKey: inline(key.pem()) },
  });
}

/** What certificates are verified against; which names they must carry is for each cluster and listener to say. */
export function rootsSecret({ roots, lists, domains }: Trust, name: string = SECRET_NAMES.roots): SecretResource {
  const revoked = lists && { crl: inline(lists.pem), onlyVerifyLeafCertCrl: lists.leafOnly };
  const custom = domains && { customValidatorConfig: byDomain(domains) };
  return secret(name, {
    case: "validationContext",
    value: { trustedCa: inline(roots.join("")), ...revoked, ...custom },
  });
}

/** Envoy's validator for SPIFFE takes lists of revoked certificates from the bundles themselves. */
function byDomain(domains: readonly TrustedDomain[]) {
  const trustDomains = domains.map(({ name, roots, lists = "" }) => ({
    name,
    trustBundle: inline(roots.join("") + lists),
  }));
  const typedConfig = anyPack(
    SPIFFECertValidatorConfigSchema,
    create(SPIFFECertValidatorConfigSchema, { trustDomains }),
  );
  return { name: "envoy.tls.cert_validator.spiffe", typedConfig };
}

/** The two secrets of a workload: `default` and `ROOTCA`. */
export function workloadSecrets(svid: KeyAndCertificate, trust: Trust): readonly SecretResource[] {
  return [certificateSecret(SECRET_NAMES.identity, svid), rootsSecret(trust)];
}

type SecretType = NonNullable<Parameters<typeof create<typeof SecretSchema>>[1]>["type"];

function secret(name: string, type: NonNullable<SecretType>): SecretResource {
  const body = toBinary(SecretSchema, create(SecretSchema, { name, type }));
  return { name, version: hash(body), body, origins: ["the mesh's own certificate authority"] };
}

function inline(text: string) {
  return { specifier: { case: "inlineBytes" as const, value: new Uint8Array(Buffer.from(text)) } };
}
