import type { IncomingHttpHeaders } from "node:http";

const COOKIE = "bookinfo-user";

/** A name that may go into a header: letters, digits and a few signs, at most 40. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@ -]{0,39}$/u;

/**
 * Who is signed in, from the cookie. The sample has no passwords, so the name is what the visitor says it is: good enough to
 * choose a route by, not to protect anything.
 */
export function userOf(headers: IncomingHttpHeaders): string | undefined {
  for (const pair of (headers.cookie ?? "").split(";")) {
    const [name, value] = pair.trim().split("=", 2);
    if (name === COOKIE && value !== undefined) return decodeName(value);
  }
  return undefined;
}

/** The `set-cookie` value that signs a name in, or undefined when the name will not do. */
export function signIn(name: string): string | undefined {
  const trimmed = name.trim();
  if (!NAME.test(trimmed)) return undefined;
  return `${COOKIE}=${encodeURIComponent(trimmed)}; Path=/; HttpOnly; SameSite=Lax`;
}

/** The `set-cookie` value that signs out. */
export const SIGN_OUT = `${COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`;

/** The `end-user` header of a name: as it is when it is plain ASCII, percent-encoded else. */
export function endUser(name: string): string {
  return /^[\x20-\x7e]+$/.test(name) ? name : encodeURIComponent(name);
}

function decodeName(value: string): string | undefined {
  try {
    const name = decodeURIComponent(value);
    return NAME.test(name) ? name : undefined;
  } catch {
    return undefined;
  }
}
