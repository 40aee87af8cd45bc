import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import {
  type Route,
  type RouteAction,
  RouteActionSchema,
  RouteSchema,
  WeightedClusterSchema,
} from "../../gen/envoy/config/route/v3/route_components_pb.js";
import type { Forward, HttpRoute } from "../../plan/route/table.ts";
import { corsConfig, corsFilter } from "./cors.ts";
import { clusterWeight } from "./destination.ts";
import { directResponseAction } from "./direct-response.ts";
import { clusterOf, onlyIdempotent, responseConfig } from "./fallback.ts";
import { faultConfig, faultFilter } from "./fault.ts";
import { hashPolicy } from "./hash-policy.ts";
import { headerFields, withoutPeer } from "./headers.ts";
import { routeMatch } from "./match.ts";
import { mirrorPolicy } from "./mirror.ts";
import { outsideConfig, outsideFilter } from "./outside.ts";
import { redirectAction } from "./redirect.ts";
import { retryPolicy } from "./retry.ts";
import { rewriteFields } from "./rewrite.ts";
import { sessionConfig, sessionFilter } from "./session.ts";
import { timeoutFields } from "./timeout.ts";

/**
 * One way a request may go; two routes where it depends on the method how often it may be sent. `forwardedHost`: a Host that is changed goes on in
 * `x-forwarded-host`.
 */
export function httpRoutes(route: HttpRoute, forwardedHost = false): readonly Route[] {
  const { action } = route;
  const once = httpRoute(route, forwardedHost);
  if (action.kind !== "forward" || action.idempotentRetry === undefined) return [once];
  const often = httpRoute({ ...route, action: { ...action, retry: action.idempotentRetry } }, forwardedHost);
  return [onlyIdempotent(often), once];
}

function httpRoute(route: HttpRoute, forwardedHost: boolean): Route {
  const { action } = route;
  const only = action.kind === "forward" && action.destinations.length === 1 ? action.destinations[0] : undefined;
  return create(RouteSchema, {
    name: route.name,
    match: routeMatch(route.match),
    action: routeSpecifier(action, forwardedHost),
    decorator: { operation: route.operation },
    statPrefix: route.statPrefix ?? "",
    ...withoutPeer(headerFields(route.headers, only?.headers), only?.external === true),
    typedPerFilterConfig: { ...filterConfigs(route), ...responseConfig(only?.fallback) },
  });
}

function routeSpecifier(action: HttpRoute["action"], forwardedHost: boolean): Route["action"] {
  if (action.kind === "redirect") return { case: "redirect", value: redirectAction(action) };
  if (action.kind === "directResponse") return { case: "directResponse", value: directResponseAction(action) };
  return { case: "route", value: routeAction(action, forwardedHost) };
}

/** Where the request goes on to. */
function routeAction(forward: Forward, forwardedHost: boolean): RouteAction {
  const [only, ...others] = forward.destinations;
  return create(RouteActionSchema, {
    clusterSpecifier:
      only !== undefined && others.length === 0
        ? { case: "cluster", value: clusterOf(only) }
        : {
            case: "weightedClusters",
            value: create(WeightedClusterSchema, { clusters: forward.destinations.map(clusterWeight) }),
          },
    ...timeoutFields(forward.timeoutMs),
    ...(forward.retry ? { retryPolicy: retryPolicy(forward.retry) } : {}),
    ...rewriteFields(forward.rewrite),
    appendXForwardedHost: forwardedHost && forward.rewrite?.authority !== undefined,
    requestMirrorPolicies: forward.mirrors.map(mirrorPolicy),
    hashPolicy: forward.hash.map(hashPolicy),
  });
}

/** Sorted by name: equal routes give equal bytes. */
function filterConfigs({ cors, fault, action, outside }: HttpRoute): Record<string, Any> {
  return {
    ...(cors ? { [corsFilter]: corsConfig(cors) } : {}),
    ...(fault ? { [faultFilter]: faultConfig(fault) } : {}),
    ...(action.kind === "forward" && action.session ? { [sessionFilter]: sessionConfig(action.session) } : {}),
    ...(outside === undefined ? {} : { [outsideFilter]: outsideConfig(outside) }),
  };
}
