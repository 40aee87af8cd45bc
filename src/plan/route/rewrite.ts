import type { HTTPRewrite } from "../../gen/istio/virtual-service.ts";

/** `prefix` replaces what the match covered: a prefix, or the whole path of an exact or regular match; `regex` (RE2) what it finds. */
export type PathChange =
  | { readonly kind: "prefix"; readonly value: string }
  | { readonly kind: "regex"; readonly pattern: string; readonly substitution: string };

/** Changes of the path and Host that the service sees. */
export interface Rewrite {
  readonly path?: PathChange;
  readonly authority?: string;
}

/** `authority` is what the route's header changes want as Host; a rewrite's own comes first. Slashes stay as written, as Istio has it. */
export function rewrite(said: HTTPRewrite | undefined, authority: string | undefined): Rewrite | undefined {
  const host = said?.authority || authority;
  const { match, rewrite: substitution } = said?.uriRegexRewrite ?? {};
  const path = match
    ? ({ kind: "regex", pattern: match, substitution: substitution ?? "" } as const)
    : said?.uri
      ? ({ kind: "prefix", value: said.uri } as const)
      : undefined;
  if (path === undefined && !host) return undefined;
  return { ...(path ? { path } : {}), ...(host ? { authority: host } : {}) };
}
