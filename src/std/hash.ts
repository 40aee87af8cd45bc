import { hash as digest } from "node:crypto";

/** Short content hash (16 hex digits of SHA-256) for versions; not for secrets. */
export function hash(bytes: Uint8Array | string): string {
  return digest("sha256", bytes, "hex").slice(0, 16);
}
