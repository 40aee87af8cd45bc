import { createCipheriv, createDecipheriv } from "node:crypto";

const algorithm = "aes-256-gcm";
const ivBytes = 12;
const tagBytes = 16;

/**
 * A text that only who has the key can read, and nobody can change: AES-256-GCM, in letters that a cookie may have.
 * @param key 32 bytes
 * @param purpose what it is good for: a text sealed for something else is none
 * @param random a new secret of at least 12 bytes, base64url
 */
export function seal(key: Buffer, purpose: string, value: unknown, random: string): string {
  const iv = Buffer.from(random, "base64url").subarray(0, ivBytes);
  const cipher = createCipheriv(algorithm, key, iv).setAAD(Buffer.from(purpose));
  const body = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64url");
}

/** What was sealed; undefined for what was not, by this key and for this purpose. */
export function unseal(key: Buffer, purpose: string, text: string): unknown {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length < ivBytes + tagBytes) return undefined;
  try {
    const cipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes)).setAAD(Buffer.from(purpose));
    cipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    const body = Buffer.concat([cipher.update(bytes.subarray(ivBytes + tagBytes)), cipher.final()]);
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
