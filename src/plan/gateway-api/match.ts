import type { GRPCRouteMatch } from "../../gen/gateway-api/grpc-route.ts";
import type { HTTPHeaderMatch, HTTPPathMatch, HTTPRouteMatch } from "../../gen/gateway-api/http-route.ts";
import { maxPattern, re2Fault } from "../../std/re2.ts";
import { anyRequest, type HeaderMatch, type PathMatch, type RouteMatch } from "../route/match.ts";
import type { TextMatch } from "../route/text-match.ts";

/** One match of a rule, with what decides which of several that fit a request takes it. */
export interface RankedMatch {
  readonly match: RouteMatch;
  /** The greater counts first, from the left: kind of path, its length, method, headers, query parameters. */
  readonly rank: readonly number[];
  /** A regular expression of it that RE2 refuses, and why: it matches nothing. */
  readonly fault?: string;
}

/** Exact paths come before prefixes, and as in Istio these before regular expressions. */
const pathRank = { exact: 3, prefix: 2, segments: 2, regex: 1 } as const;

/** A match of an HTTPRoute; all of it must hold. */
export function httpMatch(said: HTTPRouteMatch): RankedMatch {
  const path = pathMatch(said.path);
  const headers = headerMatches(said.headers ?? []);
  const queryParams = firstOfName(said.queryParams ?? [], (name) => name)
    .map(({ name, type, value }) => ({ name, match: text(type, value) }))
    .sort(byName);
  const method: readonly HeaderMatch[] =
    said.method === undefined
      ? []
      : [{ name: ":method", match: { kind: "exact", value: said.method }, not: false } as const];
  return ranked(path, [...headers, ...method].sort(byName), queryParams, headers.length, method.length);
}

/**
 * A match of a GRPCRoute. A call's path is `/package.Service/Method`.
 * Source: gateway-api.sigs.k8s.io/reference/spec/#grpcmethodmatch
 */
export function grpcMatch(said: GRPCRouteMatch): RankedMatch {
  const headers = headerMatches(said.headers ?? []);
  return ranked(grpcPath(said.method), headers, [], headers.length, 0);
}

function ranked(
  path: PathMatch,
  headers: readonly HeaderMatch[],
  queryParams: RouteMatch["queryParams"],
  headerCount: number,
  methodCount: number,
): RankedMatch {
  const match: RouteMatch = { ...anyRequest, path, headers, queryParams };
  const fault = patterns(match)
    .map(patternFault)
    .find((found) => found !== undefined);
  return {
    match,
    rank: [pathRank[path.kind], path.value.length, methodCount, headerCount, queryParams.length],
    ...(fault === undefined ? {} : { fault }),
  };
}

/** A prefix covers whole segments; a slash at its end says nothing. */
function pathMatch(said: HTTPPathMatch | undefined): PathMatch {
  const value = said?.value ?? "/";
  if (said?.type === "Exact") return { kind: "exact", value };
  if (said?.type === "RegularExpression") return { kind: "regex", value };
  const bare = value.endsWith("/") ? value.slice(0, -1) : value;
  return bare === "" ? anyRequest.path : { kind: "segments", value: bare };
}

function grpcPath(said: GRPCRouteMatch["method"]): PathMatch {
  const { service, method } = said ?? {};
  if (!service && !method) return anyRequest.path;
  if (said?.type === "RegularExpression")
    return { kind: "regex", value: `/${service ? `(?:${service})` : "[^/]+"}/${method ? `(?:${method})` : "[^/]+"}` };
  if (!method) return { kind: "prefix", value: `/${service}/` };
  // Names of methods hold nothing that a regular expression reads otherwise, dots apart, which only services have.
  return service ? { kind: "exact", value: `/${service}/${method}` } : { kind: "regex", value: `/[^/]+/${method}` };
}

function headerMatches(said: readonly HTTPHeaderMatch[]): HeaderMatch[] {
  return firstOfName(said, (name) => name.toLowerCase())
    .map(({ name, type, value }) => ({ name: name.toLowerCase(), match: text(type, value), not: false }))
    .sort(byName);
}

/** Of two for one name the first counts. */
function firstOfName<T extends { readonly name: string }>(all: readonly T[], key: (name: string) => string): T[] {
  const byKey = new Map<string, T>();
  for (const one of all) if (!byKey.has(key(one.name))) byKey.set(key(one.name), one);
  return [...byKey.values()];
}

function text(type: string | undefined, value: string): TextMatch {
  return { kind: type === "RegularExpression" ? "regex" : "exact", value };
}

function patterns({ path, headers, queryParams }: RouteMatch): readonly string[] {
  const texts = [...headers, ...queryParams].flatMap(({ match }) => (match.kind === "regex" ? [match.value] : []));
  return path.kind === "regex" ? [path.value, ...texts] : texts;
}

function patternFault(pattern: string): string | undefined {
  if (pattern.length > maxPattern) return `a regular expression of more than ${maxPattern} characters`;
  const fault = re2Fault(pattern);
  return fault === undefined ? undefined : `"${pattern}" is no regular expression of RE2: ${fault}`;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
