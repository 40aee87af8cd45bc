import { createPrivateKey, type webcrypto } from "node:crypto";
import { inspect } from "node:util";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;

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

/** A new ECDSA P-256 key pair. */
export async function generateKeys(): Promise<{ privateKey: PrivateKey; keys: webcrypto.CryptoKeyPair }> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const der = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  return { privateKey: new PrivateKey(toPem("PRIVATE KEY", der)), keys };
}

/** The signing half of a key in PEM (PKCS #8 or SEC 1). Throws when it is not an ECDSA P-256 key; the message holds nothing of it. */
export async function importSigningKey(pem: string): Promise<webcrypto.CryptoKey> {
  let der: Buffer;
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") throw new Error("not P-256");
    der = key.export({ format: "der", type: "pkcs8" });
  } catch {
    throw new Error("the private key in it is not an ECDSA P-256 key in PEM");
  }
  return crypto.subtle.importKey("pkcs8", new Uint8Array(der), ALGORITHM, false, ["sign"]);
}

/** DER as PEM, 64 characters a line. */
export function toPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
