import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Refusal } from "./answer.ts";

export interface GuardOptions {
  /** The CLI's token; whoever has it may change the mesh. */
  readonly token: string;
  /** Host names, beside loopback's, under which this API may be asked (a forwarded door, say). */
  readonly hosts?: readonly string[];
  /** Whether who asks may read without the token. */
  readonly mayRead?: (request: IncomingMessage) => Promise<boolean>;
}

const policy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

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
 * headers out or make them up.
 */
export function checkOrigin(request: IncomingMessage, options: GuardOptions): void {
  const host = request.headers.host ?? "";
  if (!isOurs(host, options.hosts ?? [])) {
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

/** Refuses to tell of the mesh unless the request carries the token or a session of it, or comes from somebody who may read. */
export async function checkReader(request: IncomingMessage, options: GuardOptions): Promise<void> {
  if (options.mayRead === undefined || hasToken(request, options) || hasSession(request, options)) return;
  if (await options.mayRead(request)) return;
  throw needsToken("another user of this machine started this mesh: to see it takes its token");
}

/** Refuses a request that changes something unless it carries the token, or comes from our own page with its session. */
export function checkAuthority(request: IncomingMessage, options: GuardOptions): void {
  if (hasToken(request, options)) return;
  const ownPage =
    request.headers["x-weft-request"] !== undefined &&
    (request.headers["sec-fetch-site"] ?? "same-origin") === "same-origin";
  if (ownPage && hasSession(request, options)) return;
  throw needsToken("this changes the mesh and needs its token");
}

function needsToken(message: string): Refusal {
  return new Refusal(401, message, "use the weft command, or open the console by its link with a token", {
    "www-authenticate": 'Bearer realm="weft"',
  });
}

function hasToken(request: IncomingMessage, { token }: GuardOptions): boolean {
  const [scheme, given] = (request.headers.authorization ?? "").split(" ");
  return scheme?.toLowerCase() === "bearer" && given !== undefined && equal(given, token);
}

function hasSession(request: IncomingMessage, { token }: GuardOptions): boolean {
  const cookie = cookies(request).get(cookieName(request));
  return cookie !== undefined && equal(cookie, sessionOf(token));
}

/** The cookie that a page gets which was opened with the right token; undefined for a wrong one. */
export function sessionCookie(request: IncomingMessage, given: string, options: GuardOptions): string | undefined {
  if (!equal(given, options.token)) return undefined;
  return `${cookieName(request)}=${sessionOf(options.token)}; HttpOnly; SameSite=Strict; Path=/`;
}

function isOurs(host: string, more: readonly string[]): boolean {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(name) || name.endsWith(".localhost") || more.includes(name);
}

function sameHost(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

/** Cookies are shared by all ports of a host, and two meshes may run on one machine. */
function cookieName(request: IncomingMessage): string {
  return `weft_session_${/:(\d+)$/.exec(request.headers.host ?? "")?.[1] ?? "80"}`;
}

function sessionOf(token: string): string {
  return createHmac("sha256", token).update("weft console session").digest("hex");
}

function cookies(request: IncomingMessage): Map<string, string> {
  const pairs = (request.headers.cookie ?? "").split(";").map((pair) => pair.trim().split("=", 2));
  return new Map(pairs.map(([name, value]) => [name ?? "", value ?? ""]));
}

function equal(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
