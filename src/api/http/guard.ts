import type { IncomingMessage, ServerResponse } from "node:http";
import { Refusal } from "./answer.ts";

/** What a page of ours may do. Libraries set styles at run time: `styles` names the elements that may, by a nonce of this one answer. */
export function contentPolicy(styles = ""): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${styles}`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

const policy = contentPolicy();

/** Headers of every answer. */
export function secure(response: ServerResponse): void {
  response.setHeader("content-security-policy", policy);
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("x-frame-options", "DENY");
  response.setHeader("referrer-policy", "same-origin");
  response.setHeader("cross-origin-opener-policy", "same-origin");
  response.setHeader("cross-origin-resource-policy", "same-origin");
}

/**
 * Refuses requests that a page of somewhere else may have made: another host name (DNS rebinding), another origin. A browser cannot leave these
 * headers out or make them up. `hosts`: names, beside loopback's, under which this API may be asked.
 */
export function checkOrigin(request: IncomingMessage, hosts: readonly string[]): void {
  const host = request.headers.host ?? "";
  if (!isOurs(host, hosts)) {
    throw new Refusal(403, `"${host}" is not a name of this control plane`, "use localhost");
  }
  const { origin } = request.headers;
  const site = request.headers["sec-fetch-site"];
  const foreign = origin !== undefined && !sameHost(origin, host);
  const follows = request.headers["sec-fetch-mode"] === "navigate" && request.method === "GET";
  if (foreign || ((site === "cross-site" || site === "same-site") && !follows)) {
    throw new Refusal(403, "a page of another origin may not ask this control plane");
  }
}

function isOurs(host: string, more: readonly string[]): boolean {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(name) || name.endsWith(".localhost") || more.includes(name);
}

function sameHost(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
