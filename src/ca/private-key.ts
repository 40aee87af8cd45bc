import { createPrivateKey, type KeyObject, type webcrypto } from "node:crypto";
import { inspect } from "node:util";

/** Kinds of keys that an authority or a leaf may have. */
export const keyKinds = ["P-256", "P-384", "RSA-2048", "RSA-3072", "RSA-4096"] as const;
export type KeyKind = (typeof keyKinds)[number];

/** An authority's RSA key has at least so many bits, and at most. */
const rsaBits = { least: 2048, most: 4096 };
const curves = new Map([
  ["prime256v1", "P-256"],
  ["secp384r1", "P-384"],
]);

/** A private key that no log line, error or JSON shows; only `pem()` gives it away. */
export class PrivateKey {
  readonly #pem: string;

  constructor(pem: string) {
    this.#pem = pem;
  }

  /** PKCS #8. */
  pem(): string {
    return this.#pem;
  }

  toJSON(): string {
    return "(private key)";
  }

  [inspect.custom](): string {
    return "(private key)";
  }
}

/** A new key pair, ECDSA P-256 unless told otherwise. */
export async function generateKeys(
  kind: KeyKind = "P-256",
): Promise<{ privateKey: PrivateKey; keys: webcrypto.CryptoKeyPair }> {
  const keys = (await crypto.subtle.generateKey(generation(kind), true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const der = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  return { privateKey: new PrivateKey(toPem("PRIVATE KEY", der)), keys };
}

function generation(kind: KeyKind): webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams {
  if (kind === "P-256" || kind === "P-384") return { name: "ECDSA", namedCurve: kind };
  const publicExponent = new Uint8Array([1, 0, 1]);
  return { ...rsa, modulusLength: Number(kind.slice("RSA-".length)), publicExponent };
}

const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;

/**
 * The signing half of a key in PEM (PKCS #8, SEC 1, PKCS #1). Throws when it is none of ECDSA P-256 or P-384, or RSA of 2048 to 4096 bits; the
 * message holds nothing of it.
 */
export async function importSigningKey(pem: string): Promise<webcrypto.CryptoKey> {
  const key = privateKeyOf(pem);
  const algorithm = key && importAlgorithm(key);
  if (key === undefined || algorithm === undefined)
    throw new Error("the private key in it is not one of ECDSA P-256 or P-384, or RSA of 2048 to 4096 bits, in PEM");
  const der = key.export({ format: "der", type: "pkcs8" });
  return crypto.subtle.importKey("pkcs8", new Uint8Array(der), algorithm, false, ["sign"]);
}

function privateKeyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function importAlgorithm({
  asymmetricKeyType: type,
  asymmetricKeyDetails: details,
}: KeyObject): webcrypto.EcKeyImportParams | webcrypto.RsaHashedImportParams | undefined {
  const namedCurve = curves.get(details?.namedCurve ?? "");
  if (namedCurve !== undefined) return { name: "ECDSA", namedCurve };
  const bits = details?.modulusLength ?? 0;
  return type === "rsa" && bits >= rsaBits.least && bits <= rsaBits.most ? rsa : undefined;
}

/** DER as PEM, 64 characters a line. */
export function toPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
