import type { IncomingMessage, ServerResponse } from "node:http";
import { Refusal } from "../http/answer.ts";
import { cookieName, cookieOf } from "../http/cookies.ts";
import type { BegunLogins } from "./begun-logins.ts";
import type { Subject } from "./caller.ts";
import type { Oidc } from "./oidc.ts";
import { equal } from "./secrets.ts";

/** Below the console's address; the second is what an issuer must know as the redirect URI. */
export const oidcPaths = { begin: "/login/oidc", back: "/login/oidc/callback" } as const;

/** How long somebody may take at the issuer's. */
const patienceMs = 10 * 60_000;
const cookie = "weft_login";

export interface OidcPagesOptions {
  readonly oidc: Oidc;
  readonly begun: BegunLogins;
  readonly secure: (request: IncomingMessage) => boolean;
  /** Begins a session for somebody. */
  readonly enter: (subject: Subject, request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** The two addresses that a browser walks through. Answers whether the path was one of them. */
export function oidcPages(options: OidcPagesOptions) {
  const { begun } = options;
  const setCookie = (request: IncomingMessage, response: ServerResponse, value: string, ms: number) => {
    // Lax: it must come along when the issuer sends the browser back.
    const parts = [
      `${cookieName(request, cookie)}=${value}`,
      "HttpOnly",
      "SameSite=Lax",
      "Path=/login/",
      `Max-Age=${ms / 1000}`,
    ];
    response.appendHeader("set-cookie", [...parts, ...(options.secure(request) ? ["Secure"] : [])].join("; "));
  };
  return async (pathname: string, query: URLSearchParams, request: IncomingMessage, response: ServerResponse) => {
    if (pathname === oidcPaths.begin) {
      const { url, pending } = await options.oidc.begin();
      const key = await begun.put({ ...pending, next: ownPath(query.get("next")) }, patienceMs);
      setCookie(request, response, key, patienceMs);
      response.writeHead(303, { location: url, "cache-control": "no-store" }).end();
      return true;
    }
    if (pathname !== oidcPaths.back) return false;
    // Who comes back must be the browser that was sent away: else somebody could be logged in as another without knowing.
    const known = await begun.take(cookieOf(request, cookie) ?? "");
    if (known === undefined || !equal(query.get("state") ?? "", known.state))
      throw new Refusal(403, "this browser did not begin to log in here, or too long ago", "log in again");
    await options.enter(await options.oidc.finish(query, known), request, response);
    setCookie(request, response, "", 0);
    response.writeHead(303, { location: known.next, "cache-control": "no-store" }).end();
    return true;
  };
}

/** A path of ours, and nothing that leads elsewhere. */
function ownPath(next: string | null): string {
  if (next === null || !/^\/(?![/\\])/.test(next)) return "/";
  const url = URL.parse(next, "http://weft");
  return url?.host === "weft" ? url.pathname + url.search : "/";
}
