import type { IncomingMessage } from "node:http";

/** A cookie of ours on this port: cookies are shared by all ports of a host, and two meshes may run on one machine. */
export function cookieOf(request: IncomingMessage, name: string): string | undefined {
  const wanted = cookieName(request, name);
  for (const pair of (request.headers.cookie ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (pair.slice(0, at).trim() === wanted) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** `weft_session_20001`. */
export function cookieName(request: IncomingMessage, name: string): string {
  return `${name}_${/:(\d+)$/.exec(request.headers.host ?? "")?.[1] ?? "80"}`;
}
