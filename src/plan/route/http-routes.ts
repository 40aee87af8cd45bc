import type { HTTPMatchRequest, HTTPRetry } from "../../gen/istio/virtual-service.ts";
import { cors } from "./cors.ts";
import { type DestinationRef, type WeightedDestination, weightedDestinations } from "./destination.ts";
import { directResponse } from "./direct-response.ts";
import { type Fallback, fallingBack } from "./fallback.ts";
import { fault } from "./fault.ts";
import type { HashPolicy } from "./hash-policy.ts";
import { headerChanges } from "./headers.ts";
import { anyRequest, isCatchAll, type RouteMatch, routeMatch } from "./match.ts";
import { mirrors } from "./mirror.ts";
import { redirect } from "./redirect.ts";
import { retry } from "./retry.ts";
import { rewrite } from "./rewrite.ts";
import type { HttpRule, VirtualServiceRules } from "./rules.ts";
import type { Session } from "./session.ts";
import { appliesTo, type Source } from "./source.ts";
import type { Forward, HttpRoute } from "./table.ts";
import { timeoutMs } from "./timeout.ts";

/** Who asks for routes, and what its world looks like. */
export interface RouteContext {
  /** Names that a rule must name: `mesh` for sidecars, `namespace/name` of the Gateways for routers. */
  readonly gateways: readonly string[];
  /** Port that is called: the service's, or the gateway's. */
  readonly port: number;
  /** The connection comes over TLS that this proxy ends: decides what port a redirect leaves out. */
  readonly tls?: boolean;
  readonly source: Source;
  /** The mesh's `defaultHttpRetryPolicy`. */
  readonly defaultRetry?: HTTPRetry | undefined;
  /** Name of the cluster, or `BlackHoleCluster` where host, subset or port does not exist. */
  clusterOf(destination: DestinationRef): string;
  hashPoliciesOf(destination: DestinationRef): readonly HashPolicy[];
  sessionOf(destination: DestinationRef): Session | undefined;
  /** Whether it is outside of the mesh. */
  isExternal(destination: DestinationRef): boolean;
  /** Who answers when it cannot. */
  fallbackOf(destination: DestinationRef): Fallback | undefined;
}

/** The http routes of a VirtualService that hold for this client and port, in order, up to the first that takes everything. */
export function httpRoutes(rules: VirtualServiceRules, context: RouteContext): readonly HttpRoute[] {
  const routes: HttpRoute[] = [];
  for (const rule of rules.http) {
    for (const match of rule.http.match?.length ? rule.http.match : [undefined]) {
      if (!appliesTo(match, context)) continue;
      const route = httpRoute(rule, match, rules.ref.name, context);
      routes.push(route);
      if (isCatchAll(route.match)) return routes;
    }
  }
  return routes;
}

/** Istio's route to a service without a VirtualService: to all its endpoints, the mesh's retries, no timeout. */
export function defaultRoute(host: string, context: RouteContext): HttpRoute {
  const destination = { host, subset: "", port: context.port };
  const hash = context.hashPoliciesOf(destination);
  const retries = retry(undefined, context.defaultRetry, false);
  const cluster = context.clusterOf(destination);
  const destinations: readonly WeightedDestination[] = [backed({ ...destination, cluster, weight: 100 }, context)];
  return {
    name: "default",
    match: anyRequest,
    action: {
      kind: "forward",
      destinations,
      timeoutMs: 0,
      ...fallingBack(retries, destinations),
      mirrors: [],
      hash,
      ...sessionAmong([destination], context),
    },
    operation: `${host}:${context.port}/*`,
  };
}

function httpRoute(
  { http, origin }: HttpRule,
  said: HTTPMatchRequest | undefined,
  virtualService: string,
  context: RouteContext,
): HttpRoute {
  const match = routeMatch(said);
  const headers = headerChanges(http.headers);
  const faults = fault(http.fault);
  const policy = cors(http.corsPolicy);
  const action = http.redirect
    ? redirect(http.redirect, { port: context.port, tls: context.tls === true })
    : http.directResponse
      ? directResponse(http.directResponse)
      : forward(http, headers?.authority, context);
  return {
    name: said?.name ? `${http.name ?? ""}.${said.name}` : (http.name ?? ""),
    match,
    action,
    ...(headers ? { headers } : {}),
    ...(faults ? { fault: faults } : {}),
    ...(policy ? { cors: policy } : {}),
    ...(said?.statPrefix ? { statPrefix: said.statPrefix } : {}),
    operation: operation(match, action.kind === "forward" ? action : undefined, virtualService, context.port),
    origin,
  };
}

function forward(http: HttpRule["http"], authority: string | undefined, context: RouteContext): Forward {
  const destinations = weightedDestinations(http.route ?? [], context.clusterOf).map((d) => backed(d, context));
  const only = destinations.length === 1 ? destinations[0] : undefined;
  const hash = destinations.flatMap((d) => (d.host === "" ? [] : context.hashPoliciesOf(d)));
  // A single destination's Host counts where the route says none; of several, each has its own.
  const changes = rewrite(http.rewrite, authority ?? only?.headers?.authority);
  const retries = retry(http.retries, context.defaultRetry, only !== undefined && hash.length > 0);
  return {
    kind: "forward",
    destinations,
    timeoutMs: timeoutMs(http.timeout),
    ...fallingBack(retries, destinations),
    ...(changes ? { rewrite: changes } : {}),
    mirrors: mirrors(http, context.clusterOf).map((m) => told(m, context)),
    hash,
    ...sessionAmong(destinations, context),
  };
}

/** A destination that says who answers when it cannot, and what `told` says. */
export function backed<D extends WeightedDestination>(destination: D, context: RouteContext): D {
  const fallback = destination.host === "" ? undefined : context.fallbackOf(destination);
  return told(fallback === undefined ? destination : { ...destination, fallback }, context);
}

/** How sessions stick: as the first of the destinations says that says so. */
export function sessionAmong(destinations: readonly DestinationRef[], context: RouteContext): { session?: Session } {
  for (const destination of destinations) {
    const session = destination.host === "" ? undefined : context.sessionOf(destination);
    if (session !== undefined) return { session };
  }
  return {};
}

/** A destination that says whether it is outside of the mesh. */
export function told<D extends DestinationRef>(destination: D, context: RouteContext): D {
  return context.isExternal(destination) ? { ...destination, external: true } : destination;
}

/** `host:port/path*` of the one destination, else of the VirtualService. */
export function operation(
  match: RouteMatch,
  action: Forward | undefined,
  virtualService: string,
  port: number,
): string {
  const path = match.path.kind === "prefix" ? `${match.path.value}*` : match.path.value;
  const [only, ...others] = action?.destinations ?? [];
  if (only === undefined || others.length > 0 || only.host === "") return `${virtualService}:${port}${path}`;
  const called = only.cluster.split("|")[1] ?? `${only.port ?? port}`;
  return `${only.host}:${called}${path}`;
}
