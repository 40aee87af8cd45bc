import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { HeaderValueOption_HeaderAppendAction } from "../../gen/envoy/config/core/v3/base_pb.js";
import { HeaderMatcherSchema, type Route } from "../../gen/envoy/config/route/v3/route_components_pb.js";
import { CustomResponseSchema } from "../../gen/envoy/extensions/filters/http/custom_response/v3/custom_response_pb.js";
import {
  FilterChainConfigPerRouteSchema,
  FilterChainConfigSchema,
} from "../../gen/envoy/extensions/filters/http/filter_chain/v3/filter_chain_pb.js";
import {
  type HttpFilter,
  HttpFilterSchema,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { LocalResponsePolicySchema } from "../../gen/envoy/extensions/http/custom_response/local_response_policy/v3/local_response_policy_pb.js";
import {
  HttpResponseLocalReplyMatchInputSchema,
  HttpResponseStatusCodeMatchInputSchema,
} from "../../gen/envoy/type/matcher/v3/status_code_input_pb.js";
import type { MatcherSchema } from "../../gen/xds/type/matcher/v3/matcher_pb.js";
import type { WeightedDestination } from "../../plan/route/destination.ts";
import type { Fallback } from "../../plan/route/fallback.ts";
import { packed } from "../any.ts";
import { option } from "./headers.ts";

/** Where filters stand that only a route brings. */
export const routeChain = "weft.route";

/** Idle until a route has filters of its own. */
export function routeChainFilter(): HttpFilter {
  const value = packed(FilterChainConfigSchema, {});
  return create(HttpFilterSchema, { name: routeChain, configType: { case: "typedConfig", value } });
}

/** The cluster that a destination's requests go to. */
export function clusterOf({ cluster, fallback }: WeightedDestination): string {
  return fallback?.cluster ?? cluster;
}

/** Filters of a route or a destination whose Fallback has a response; none for another. */
export function responseConfig(fallback: Fallback | undefined): Record<string, Any> {
  if (fallback?.response === undefined) return {};
  const { status, body = "", headers = {} } = fallback.response;
  const { OVERWRITE_IF_EXISTS_OR_ADD } = HeaderValueOption_HeaderAppendAction;
  const policy = packed(LocalResponsePolicySchema, {
    statusCode: status,
    body: { specifier: { case: "inlineString", value: body } },
    responseHeadersToAdd: Object.entries(headers)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => option(name, value.replaceAll("%", "%%"), OVERWRITE_IF_EXISTS_OR_ADD)),
  });
  const typedConfig = packed(CustomResponseSchema, { customResponseMatcher: proxysOwnFailure(policy) });
  const filters = [{ name: "fallback-response", typedConfig }];
  return { [routeChain]: packed(FilterChainConfigPerRouteSchema, { filterChain: { filters } }) };
}

/** 502, 503 and 504 that the proxy says itself: nobody was there, or nobody answered. What an application says is the application's. */
function proxysOwnFailure(action: Any): MessageInitShape<typeof MatcherSchema> {
  const own = { name: "own", typedConfig: packed(HttpResponseLocalReplyMatchInputSchema, {}) };
  const status = { name: "status", typedConfig: packed(HttpResponseStatusCodeMatchInputSchema, {}) };
  const regex = { engineType: { case: "googleRe2" as const, value: {} }, regex: "50[234]" };
  const single = (input: typeof own, matchPattern: ReturnType<typeof pattern>) => ({
    matchType: {
      case: "singlePredicate" as const,
      value: { input, matcher: { case: "valueMatch" as const, value: { matchPattern } } },
    },
  });
  const predicate = [single(own, pattern("exact", "true")), single(status, pattern("safeRegex", regex))];
  return {
    matcherType: {
      case: "matcherList",
      value: {
        matchers: [
          {
            predicate: { matchType: { case: "andMatcher", value: { predicate } } },
            onMatch: { onMatch: { case: "action", value: { name: "answer", typedConfig: action } } },
          },
        ],
      },
    },
  };
}

type Pattern =
  | { readonly case: "exact"; readonly value: string }
  | {
      readonly case: "safeRegex";
      readonly value: { engineType: { case: "googleRe2"; value: Record<string, never> }; regex: string };
    };

function pattern<C extends Pattern["case"]>(kind: C, value: Extract<Pattern, { case: C }>["value"]): Pattern {
  return { case: kind, value } as Pattern;
}

const idempotent = "GET|HEAD|OPTIONS|PUT|DELETE|TRACE";

/** A route for requests that may be sent twice alone. */
export function onlyIdempotent(route: Route): Route {
  if (route.match === undefined) return route;
  const method = create(HeaderMatcherSchema, {
    name: ":method",
    headerMatchSpecifier: {
      case: "stringMatch",
      value: { matchPattern: { case: "safeRegex", value: { regex: idempotent } } },
    },
  });
  return { ...route, match: { ...route.match, headers: [...route.match.headers, method] } };
}
