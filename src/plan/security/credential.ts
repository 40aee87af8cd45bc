import type { ServerTLSSettings } from "../../gen/istio/gateway.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Step } from "../../track/scope.ts";

/** What a Secret or ConfigMap holds for TLS, as PEM bytes. */
export type Credential =
  | {
      readonly kind: "certificate";
      readonly chain: Uint8Array;
      readonly key: Uint8Array;
      readonly staple?: Uint8Array;
      readonly at: string;
    }
  | { readonly kind: "roots"; readonly roots: Uint8Array; readonly revoked?: Uint8Array; readonly at: string };

const rootsSuffix = "-cacert";

/** The name by which proxies ask for the roots that go with a credential: Istio's. One with a scheme says all itself. */
export function rootsName(name: string): string {
  return name.endsWith(rootsSuffix) || name.includes("://") ? name : name + rootsSuffix;
}

/** Names of the credentials of a gateway's server: its certificates, and the roots that clients are verified by. */
export function serverCredentials(tls: ServerTLSSettings): {
  readonly certificates: readonly string[];
  readonly roots?: string;
} {
  if (tls.mode === "PASSTHROUGH" || tls.mode === "AUTO_PASSTHROUGH" || tls.mode === "ISTIO_MUTUAL")
    return { certificates: [] };
  const certificates = tls.credentialNames?.length
    ? tls.credentialNames
    : tls.credentialName
      ? [tls.credentialName]
      : [];
  const verifies = tls.mode === "MUTUAL" || tls.mode === "OPTIONAL_MUTUAL";
  const roots = tls.caCertCredentialName || certificates[0];
  return { certificates, ...(verifies && roots !== undefined ? { roots: rootsName(roots) } : {}) };
}

/**
 * A credential by the name that proxies ask for. Key: `namespace/name`. A name with `-cacert` means roots: of the Secret of that very name, else
 * of the Secret or ConfigMap without the suffix. Undefined where nothing there holds what is meant.
 */
export const credentialOf: Step<Credential | undefined> = {
  name: "plan/credential",
  run: (scope, key) => {
    const slash = key.indexOf("/");
    const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)];
    const find = (type: string, of: string) => scope.get({ type, namespace, name: of });
    if (!name.endsWith(rootsSuffix)) return certificate(find(types.Secret, name));
    const plain = name.slice(0, -rootsSuffix.length);
    for (const type of [types.Secret, types.ConfigMap])
      for (const candidate of [name, plain]) {
        const found = roots(find(type, candidate));
        if (found !== undefined) return found;
      }
    return undefined;
  },
};

/** Keys of kubectl's `tls` Secrets, then of Istio's `generic` ones. */
export function certificate(secret: Resource | undefined): Credential | undefined {
  if (secret === undefined) return undefined;
  const [chain, key] = [entry(secret, "tls.crt", "cert"), entry(secret, "tls.key", "key")];
  if (chain === undefined || key === undefined) return undefined;
  const staple = entry(secret, "tls.ocsp-staple");
  return { kind: "certificate", chain, key, ...(staple ? { staple } : {}), at: secret.origin.at };
}

/** The roots, and what they have revoked, in a Secret or ConfigMap. */
export function roots(holder: Resource | undefined): Credential | undefined {
  const found = holder && entry(holder, "ca.crt", "cacert");
  if (holder === undefined || found === undefined) return undefined;
  const revoked = entry(holder, "ca.crl", "crl");
  return { kind: "roots", roots: found, ...(revoked ? { revoked } : {}), at: holder.origin.at };
}

/** The first of these keys that holds something. `stringData` of a Secret comes before its `data`, as an API server merges them. */
function entry(holder: Resource, ...keys: readonly string[]): Uint8Array | undefined {
  const payload = holder.data ?? {};
  const of = (field: string, key: string) => (payload[field] as Readonly<Record<string, unknown>> | undefined)?.[key];
  const encoded = holder.type === types.Secret;
  for (const key of keys) {
    const text = encoded ? of("stringData", key) : of("data", key);
    if (typeof text === "string" && text !== "") return bytes(text, "utf8");
    const base64 = encoded ? of("data", key) : of("binaryData", key);
    if (typeof base64 === "string" && base64 !== "") return bytes(base64, "base64");
  }
  return undefined;
}

function bytes(text: string, encoding: "utf8" | "base64"): Uint8Array {
  return new Uint8Array(Buffer.from(text, encoding));
}
