import { create } from "@bufbuild/protobuf";
import { ExtensionWithMatcherSchema } from "../gen/envoy/extensions/common/matching/v3/extension_matcher_pb.js";
import { SkipFilterSchema } from "../gen/envoy/extensions/filters/common/matcher/action/v3/skip_action_pb.js";
import { LuaSchema } from "../gen/envoy/extensions/filters/http/lua/v3/lua_pb.js";
import {
  type HttpFilter,
  HttpFilterSchema,
} from "../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { HttpRequestHeaderMatchInputSchema } from "../gen/envoy/type/matcher/v3/http_inputs_pb.js";
import { type Matcher, MatcherSchema } from "../gen/xds/type/matcher/v3/matcher_pb.js";
import { packed } from "./any.ts";

export interface WhereHost {
  readonly name: string;
  /** RE2, of the whole `:authority`. */
  readonly host: string;
  /** Whether the script runs for hosts that are like that, or for all others; the rest costs a look at the header. */
  readonly runs: "like" | "unlike";
  /** Lua. */
  readonly script: string;
}

/** A filter in Lua for some hosts. */
export function whereHost({ name, host, runs, script }: WhereHost): HttpFilter {
  const lua = packed(LuaSchema, { defaultSourceCode: { specifier: { case: "inlineString", value: script } } });
  const typedConfig = packed(ExtensionWithMatcherSchema, {
    xdsMatcher: skipping(host, runs),
    extensionConfig: { name, typedConfig: lua },
  });
  return create(HttpFilterSchema, { name, configType: { case: "typedConfig", value: typedConfig } });
}

function skipping(regex: string, runs: WhereHost["runs"]): Matcher {
  const host = { name: "host", typedConfig: packed(HttpRequestHeaderMatchInputSchema, { headerName: ":authority" }) };
  const safeRegex = { engineType: { case: "googleRe2" as const, value: {} }, regex };
  const found = { matchPattern: { case: "safeRegex" as const, value: safeRegex } };
  const single = { input: host, matcher: { case: "valueMatch" as const, value: found } };
  const like = { matchType: { case: "singlePredicate" as const, value: single } };
  const predicate = runs === "unlike" ? like : { matchType: { case: "notMatcher" as const, value: like } };
  const skip = { name: "skip", typedConfig: packed(SkipFilterSchema, {}) };
  return create(MatcherSchema, {
    matcherType: {
      case: "matcherList",
      value: { matchers: [{ predicate, onMatch: { onMatch: { case: "action", value: skip } } }] },
    },
  });
}
