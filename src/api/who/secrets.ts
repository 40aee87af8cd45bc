import { createHash, timingSafeEqual } from "node:crypto";

/** Whether two texts are the same, in a time that does not tell how much of them is. */
export function equal(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

/** Under which a secret is kept where it must be found again: whoever reads the memory of it has no secret. */
export function digestOf(secret: string): string {
  return digest(secret).toString("hex");
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
