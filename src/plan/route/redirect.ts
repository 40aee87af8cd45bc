import type { HTTPRedirect } from "../../gen/istio/virtual-service.ts";
import type { PathChange } from "./rewrite.ts";

/** The client is sent elsewhere. */
export interface Redirect {
  readonly kind: "redirect";
  readonly code: 301 | 302 | 303 | 307 | 308;
  readonly scheme?: string;
  readonly authority?: string;
  /** Absent: the port of the request's Host stays. */
  readonly port?: number;
  /** The whole path with its query, a new prefix for what the match's prefix covered, or a replacement of what a regular expression finds. */
  readonly path?: { readonly kind: "whole"; readonly value: string } | PathChange;
}

const codes = [301, 302, 303, 307, 308] as const;

/** A redirect. `port` is the one that was called, which stands for "the request's port"; ports that a scheme implies are not written. */
export function redirect(said: HTTPRedirect, called: { readonly port: number; readonly tls: boolean }): Redirect {
  const scheme = said.scheme || (called.tls ? "https" : "http");
  const port = said.port ?? (said.derivePort === "FROM_REQUEST_PORT" ? called.port : 0);
  const implied = port === (scheme === "https" ? 443 : 80);
  const path = said.uri
    ? ({ kind: "whole", value: said.uri } as const)
    : said.prefixRewrite
      ? ({ kind: "prefix", value: said.prefixRewrite } as const)
      : undefined;
  return {
    kind: "redirect",
    code: codes.find((code) => code === said.redirectCode) ?? 301,
    ...(said.scheme ? { scheme: said.scheme } : {}),
    ...(said.authority ? { authority: said.authority } : {}),
    ...(port > 0 && !implied ? { port } : {}),
    ...(path ? { path } : {}),
  };
}
