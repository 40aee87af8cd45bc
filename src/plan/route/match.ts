import type { HTTPMatchRequest, StringMatch } from "../../gen/istio/virtual-service.ts";
import { type TextMatch, textMatch } from "./text-match.ts";

/** What a request must look like. All of it must hold. */
export interface RouteMatch {
  readonly path: PathMatch;
  readonly ignoreCase: boolean;
  /** Sorted by name; pseudo headers (`:method`, `:authority`, `:scheme`) among them. */
  readonly headers: readonly HeaderMatch[];
  /** Sorted by name. */
  readonly queryParams: readonly { readonly name: string; readonly match: TextMatch }[];
  /** Claims of a verified JWT. */
  readonly claims: readonly ClaimMatch[];
  /** Only so many of a million requests, by one number that is drawn for each request and holds for all its matches. */
  readonly share?: number;
}

/** `segments` is a prefix that ends where a path segment ends: `/a` covers `/a` and `/a/b`, not `/ab`. */
export interface PathMatch {
  readonly kind: "exact" | "prefix" | "segments" | "regex";
  readonly value: string;
}

export interface HeaderMatch {
  readonly name: string;
  readonly match: TextMatch;
  /** It must not match; a header that is not there does not match either. */
  readonly not: boolean;
}

export interface ClaimMatch {
  /** `["realm", "role"]` for `@request.auth.claims[realm][role]`. */
  readonly path: readonly string[];
  readonly match: TextMatch;
  readonly not: boolean;
}

/** Every request. */
export const anyRequest: RouteMatch = {
  path: { kind: "prefix", value: "/" },
  ignoreCase: false,
  headers: [],
  queryParams: [],
  claims: [],
};

/** One match of a VirtualService's http route; none matches everything. What selects the client is not part of it. */
export function routeMatch(match: HTTPMatchRequest | undefined): RouteMatch {
  if (match === undefined) return anyRequest;
  const said = [...entries(match.headers, false), ...entries(match.withoutHeaders, true)];
  const headers = said.filter((h) => claimPath(h.name) === undefined);
  for (const [name, value] of [
    [":method", match.method],
    [":authority", match.authority],
    [":scheme", match.scheme],
  ] as const)
    if (value !== undefined) headers.push({ name, match: textMatch(value), not: false });
  return {
    path: pathMatch(match.uri),
    ignoreCase: match.ignoreUriCase === true,
    headers: headers.sort(byName),
    queryParams: Object.entries(match.queryParams ?? {})
      .map(([name, value]) => ({ name, match: textMatch(value) }))
      .sort(byName),
    claims: said.flatMap(({ name, match: text, not }) => {
      const path = claimPath(name);
      return path === undefined ? [] : [{ path, match: text, not }];
    }),
  };
}

/** Whether it covers every request, so that no later route is ever reached. */
export function isCatchAll({ path, headers, queryParams, claims, share }: RouteMatch): boolean {
  if (share !== undefined) return false;
  const anyPath = path.kind === "regex" ? path.value === ".*" : path.kind !== "exact" && path.value === "/";
  return anyPath && headers.length === 0 && queryParams.length === 0 && claims.length === 0;
}

function pathMatch(uri: StringMatch | undefined): PathMatch {
  const match = textMatch(uri);
  return match.kind === "present" ? anyRequest.path : { kind: match.kind, value: match.value };
}

function entries(headers: Readonly<Record<string, StringMatch>> | undefined, not: boolean): HeaderMatch[] {
  return Object.entries(headers ?? {}).map(([name, value]) => ({ name, match: textMatch(value), not }));
}

/** `@request.auth.claims.a.b` or `@request.auth.claims[a][b]`: dots inside brackets belong to the name. */
function claimPath(name: string): readonly string[] | undefined {
  const prefix = "@request.auth.claims";
  if (!name.toLowerCase().startsWith(prefix)) return undefined;
  const rest = name.slice(prefix.length);
  if (/^(?:\[[^[\]]+\])+$/.test(rest)) return [...rest.matchAll(/\[([^[\]]+)\]/g)].map((m) => m[1] as string);
  return rest.startsWith(".") && rest.length > 1 ? rest.slice(1).split(".") : undefined;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
