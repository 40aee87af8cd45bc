import type { HTTPRequestRedirectFilter } from "../../gen/gateway-api/http-route.ts";
import type { Ref } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { WeightedDestination } from "../route/destination.ts";
import type { DirectResponse } from "../route/direct-response.ts";
import { fallingBack } from "../route/fallback.ts";
import type { HeaderChanges } from "../route/headers.ts";
import { backed, operation, type RouteContext, sessionAmong, told } from "../route/http-routes.ts";
import type { PathMatch, RouteMatch } from "../route/match.ts";
import type { Mirror } from "../route/mirror.ts";
import type { Redirect } from "../route/redirect.ts";
import type { Rewrite } from "../route/rewrite.ts";
import type { Forward, HttpRoute } from "../route/table.ts";
import type { Filters } from "./filters.ts";
import { pathChange } from "./path-modifier.ts";
import { retryOf } from "./retry.ts";
import type { GatewayBackend, GatewayRoute, GatewayRule } from "./rules.ts";
import { type Part, shares } from "./shares.ts";

/** A route and what decides its place among others. */
export interface RankedRoute {
  readonly route: HttpRoute;
  /** See `RankedMatch`. */
  readonly rank: readonly number[];
}

/** The http routes that these Gateway API routes make together, in the specification's order of precedence. */
export function mergedRoutes(routes: readonly GatewayRoute[], context: RouteContext): readonly HttpRoute[] {
  const oldestFirst = routes.toSorted(
    (a, b) => a.createdAt - b.createdAt || (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0),
  );
  const all = oldestFirst.flatMap((route) => route.rules.flatMap((rule) => ruleRoutes(route, rule, context)));
  return all.sort((a, b) => byRank(a.rank, b.rank)).map((ranked) => ranked.route);
}

function nameOf({ ref }: GatewayRoute): string {
  return `${ref.namespace}/${ref.name}`;
}

function byRank(a: readonly number[], b: readonly number[]): number {
  for (const [i, mine] of a.entries()) if (mine !== b[i]) return (b[i] ?? 0) - mine;
  return 0;
}

/** The routes of one rule: one for each match, or several where its backends differ in more than where they are. */
function ruleRoutes(route: GatewayRoute, rule: GatewayRule, context: RouteContext): readonly RankedRoute[] {
  return rule.matches.flatMap(({ match, rank }) =>
    partsOf(rule).map((part) => ({ rank, route: httpRoute(route, rule, match, part, context) })),
  );
}

/** The backends that a request may go to together, with the part of the requests that comes so far. */
function partsOf({ filters, backends }: GatewayRule): readonly Part<GatewayBackend>[] {
  if (filters.redirect !== undefined || filters.unknown !== undefined) return [{ backends: [] }];
  return shares(
    backends.filter((b) => b.weight > 0),
    (b) => b.to !== undefined && isPlain(b.filters),
  );
}

/** Nothing but changes that several destinations of one route may each have for themselves. */
function isPlain({ redirect, rewrite, mirrors, cors, unknown }: Filters): boolean {
  return !redirect && !rewrite?.path && mirrors.length === 0 && !cors && unknown === undefined;
}

function httpRoute(
  { ref }: GatewayRoute,
  rule: GatewayRule,
  matched: RouteMatch,
  { backends, upTo }: Part<GatewayBackend>,
  context: RouteContext,
): HttpRoute {
  const match: RouteMatch = upTo === undefined ? matched : { ...matched, share: upTo };
  const only = backends.length === 1 ? backends[0] : undefined;
  const filters = only === undefined ? rule.filters : joined(rule.filters, only.filters);
  const action = actionOf(rule, filters, backends, match.path, context);
  const { headers, cors } = filters;
  return {
    name: rule.name,
    match,
    action,
    ...(headers ? { headers } : {}),
    ...(cors ? { cors } : {}),
    operation: operation(match, action.kind === "forward" ? action : undefined, ref.name, context.port),
    origin: rule.origin,
  };
}

/** The filters of a rule and after them those of its only backend. */
function joined(rule: Filters, own: Filters): Filters {
  return { ...rule, ...own, ...both(rule.headers, own.headers), mirrors: [...rule.mirrors, ...own.mirrors] };
}

function both(first: HeaderChanges | undefined, then: HeaderChanges | undefined): { headers?: HeaderChanges } {
  if (first === undefined || then === undefined)
    return first || then ? { headers: (then ?? first) as HeaderChanges } : {};
  const changes = (which: "request" | "response") => ({
    set: [...first[which].set, ...then[which].set],
    add: [...first[which].add, ...then[which].add],
    remove: [...first[which].remove, ...then[which].remove],
  });
  const authority = then.authority ?? first.authority;
  return {
    headers: {
      request: changes("request"),
      response: changes("response"),
      ...(authority === undefined ? {} : { authority }),
    },
  };
}

/** What requests get that no backend may have. A gRPC client reads UNAVAILABLE in it. */
function errorOf({ type }: Ref): DirectResponse {
  return { kind: "directResponse", status: type === types.GrpcRoute ? 503 : 500 };
}

function actionOf(
  rule: GatewayRule,
  filters: Filters,
  backends: readonly GatewayBackend[],
  path: PathMatch,
  context: RouteContext,
): HttpRoute["action"] {
  const error = errorOf(rule.origin.ref);
  if (filters.unknown !== undefined) return error;
  if (filters.redirect !== undefined) return redirect(filters.redirect, path, context);
  const destinations = backends.flatMap((b) => destination(b, backends.length, context) ?? []);
  if (destinations.length === 0) return error;
  return forward(rule, filters, destinations, path, context);
}

function destination(
  { to, weight, filters }: GatewayBackend,
  among: number,
  context: RouteContext,
): WeightedDestination | undefined {
  if (to === undefined) return undefined;
  const cluster = context.clusterOf(to);
  if (among === 1) return backed({ ...to, cluster, weight: 100 }, context);
  const authority = filters.rewrite?.hostname ?? filters.headers?.authority;
  const none = { set: [], add: [], remove: [] };
  const headers =
    authority === undefined ? filters.headers : { request: none, response: none, ...filters.headers, authority };
  return backed({ ...to, cluster, weight, ...(headers ? { headers } : {}) }, context);
}

function forward(
  rule: GatewayRule,
  filters: Filters,
  destinations: readonly WeightedDestination[],
  path: PathMatch,
  context: RouteContext,
): Forward {
  const hash = destinations.flatMap((d) => context.hashPoliciesOf(d));
  const { retry, timeoutMs } = retryOf(rule, context.defaultRetry, destinations.length === 1 && hash.length > 0);
  const change = pathChange(filters.rewrite?.path, path);
  const authority = filters.rewrite?.hostname ?? filters.headers?.authority;
  const rewrite: Rewrite | undefined =
    change || authority ? { ...(change ? { path: change } : {}), ...(authority ? { authority } : {}) } : undefined;
  return {
    kind: "forward",
    destinations,
    timeoutMs,
    ...fallingBack(retry, destinations),
    ...(rewrite ? { rewrite } : {}),
    mirrors: filters.mirrors.map(
      ({ destination: to, percent }): Mirror => told({ ...to, cluster: context.clusterOf(to), percent }, context),
    ),
    hash,
    ...sessionAmong(destinations, context),
  };
}

/**
 * A redirect. Without a port it is the scheme's own where a scheme is said, else the one that was called; a port that the scheme implies is
 * not written. Source: gateway-api.sigs.k8s.io/reference/spec/#httprequestredirectfilter
 */
function redirect(said: HTTPRequestRedirectFilter, path: PathMatch, context: RouteContext): Redirect {
  const scheme = said.scheme ?? (context.tls ? "https" : "http");
  const usual = scheme === "https" ? 443 : 80;
  const port = said.port ?? (said.scheme === undefined ? context.port : usual);
  // A Host that names the port that was called would keep it.
  const bare = said.hostname !== undefined || context.port === 80 || context.port === 443;
  const change = pathChange(said.path, path);
  return {
    kind: "redirect",
    code: said.statusCode ?? 302,
    ...(said.scheme ? { scheme: said.scheme } : {}),
    ...(said.hostname ? { authority: said.hostname } : {}),
    ...(port !== usual || !bare ? { port } : {}),
    ...(said.path?.type === "ReplaceFullPath"
      ? { path: { kind: "whole", value: said.path.replaceFullPath ?? "/" } as const }
      : change
        ? { path: change }
        : {}),
  };
}
