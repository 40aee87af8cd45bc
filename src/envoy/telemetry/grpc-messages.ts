import { create } from "@bufbuild/protobuf";
import { type AccessLogFilter, AccessLogFilterSchema } from "../../gen/envoy/config/accesslog/v3/accesslog_pb.js";
import { ExtensionWithMatcherSchema } from "../../gen/envoy/extensions/common/matching/v3/extension_matcher_pb.js";
import { SkipFilterSchema } from "../../gen/envoy/extensions/filters/common/matcher/action/v3/skip_action_pb.js";
import { FilterConfigSchema } from "../../gen/envoy/extensions/filters/http/grpc_stats/v3/config_pb.js";
import { LuaSchema } from "../../gen/envoy/extensions/filters/http/lua/v3/lua_pb.js";
import {
  type HttpFilter,
  HttpFilterSchema,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { HttpRequestHeaderMatchInputSchema } from "../../gen/envoy/type/matcher/v3/http_inputs_pb.js";
import { packed } from "../any.ts";

// Envoy counts the messages of a gRPC call and keeps both numbers as one text in the filter state, which no metric can take. A script splits it when
// the call is over, for gRPC alone; the bytes of the call are not held for it.

const metadata = "weft.grpc";

/** Numbers of a gRPC call that ended, as access logs have them. */
export const messageCounts = {
  requests: `%DYNAMIC_METADATA(${metadata}:requests)%`,
  responses: `%DYNAMIC_METADATA(${metadata}:responses)%`,
} as const;

const counter = "envoy.filters.http.grpc_stats";

const script = `function envoy_on_response(handle)
  handle:trailers()
  local info = handle:streamInfo()
  local counted = info:filterState():get("${counter}")
  if counted == nil then return end
  local requests, responses = tostring(counted):match("^(%d+),(%d+)")
  if requests == nil then return end
  local kept = info:dynamicMetadata()
  kept:set("${metadata}", "requests", tonumber(requests))
  kept:set("${metadata}", "responses", tonumber(responses))
end`;

/** Counts messages of gRPC calls. Of what comes after them in the list nothing is seen before they have counted it. */
export function countMessages(): readonly HttpFilter[] {
  return built;
}

const lua = packed(LuaSchema, { defaultSourceCode: { specifier: { case: "inlineString", value: script } } });

const built: readonly HttpFilter[] = [
  create(HttpFilterSchema, {
    name: metadata,
    configType: {
      case: "typedConfig",
      value: packed(ExtensionWithMatcherSchema, {
        extensionConfig: { name: metadata, typedConfig: lua },
        xdsMatcher: unlessGrpc(),
      }),
    },
  }),
  create(HttpFilterSchema, {
    name: counter,
    configType: {
      case: "typedConfig",
      value: packed(FilterConfigSchema, {
        emitFilterState: true,
        perMethodStatSpecifier: { case: "statsForAllMethods", value: { value: false } },
      }),
    },
  }),
];

function unlessGrpc() {
  const name = "content-type";
  const input = { name, typedConfig: packed(HttpRequestHeaderMatchInputSchema, { headerName: name }) };
  const grpc = { matchPattern: { case: "prefix" as const, value: "application/grpc" } };
  const single = { input, matcher: { case: "valueMatch" as const, value: grpc } };
  const like = { matchType: { case: "singlePredicate" as const, value: single } };
  const predicate = { matchType: { case: "notMatcher" as const, value: like } };
  const skip = { name: "skip", typedConfig: packed(SkipFilterSchema, {}) };
  return {
    matcherType: {
      case: "matcherList" as const,
      value: { matchers: [{ predicate, onMatch: { onMatch: { case: "action" as const, value: skip } } }] },
    },
  };
}

/** Calls whose messages were counted. */
export function withMessages(): AccessLogFilter {
  return create(AccessLogFilterSchema, {
    filterSpecifier: {
      case: "metadataFilter",
      value: {
        matcher: {
          filter: metadata,
          path: [{ segment: { case: "key", value: "requests" } }],
          value: { matchPattern: { case: "presentMatch", value: true } },
        },
        matchIfKeyNotFound: false,
      },
    },
  });
}
