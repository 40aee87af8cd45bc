import { create } from "@bufbuild/protobuf";
import {
  type HeaderMutation,
  HeaderMutationSchema,
} from "../../gen/envoy/config/common/mutation_rules/v3/mutation_rules_pb.js";
import { HeaderValueOption_HeaderAppendAction } from "../../gen/envoy/config/core/v3/base_pb.js";
import { ApiVersion, type ConfigSource, ConfigSourceSchema } from "../../gen/envoy/config/core/v3/config_source_pb.js";
import { type TypedExtensionConfig, TypedExtensionConfigSchema } from "../../gen/envoy/config/core/v3/extension_pb.js";
import { HeaderMutationSchema as HeaderMutationFilterSchema } from "../../gen/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.js";
import { ConfigSchema as SetFilterStateSchema } from "../../gen/envoy/extensions/filters/http/set_filter_state/v3/set_filter_state_pb.js";
import {
  type HttpFilter,
  HttpFilterSchema,
  type ScopedRoutes,
  ScopedRoutesSchema,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { HeaderMutationSchema as EarlyHeaderMutationSchema } from "../../gen/envoy/extensions/http/early_header_mutation/header_mutation/v3/header_mutation_pb.js";
import { packed } from "../any.ts";
import { clustersOnDemand, routesOnDemand } from "../on-demand.ts";
import { whereHost } from "../where-host.ts";
import { option } from "./headers.ts";
import { scopeHeader, scopeMetadata } from "./table.ts";

/** What an HTTP connection manager of outbound traffic carries so that scopes choose its routes. */
export interface ScopedRouting {
  readonly earlyHeaderMutations: readonly TypedExtensionConfig[];
  /** Before all filters that look at the route: they choose it again. */
  readonly filters: readonly HttpFilter[];
  readonly scopedRoutes: ScopedRoutes;
}

/**
 * Routes of a port by scopes, in two looks. The first, before any filter, is for `port|Host`: Envoy cuts the header at its first colon, so the
 * port of the Host falls off. The second is for `~port|scope`, where scope is what the virtual host found says of itself: a known service
 * finds its table again, an unknown Host finds the catch-all. (The virtual host says it, not the route: a Host that is known and has no
 * route for the path must end in 404, not in the catch-all.) Keys are compared byte by byte, so a Host in capitals is lowered on the way.
 * `mutations` are further request headers to set at the cost of none. With `asks`, what is not there is asked for.
 */
export function scopedRoutes(port: number, mutations: readonly HeaderMutation[] = [], asks = false): ScopedRouting {
  const first = setHeader(`${port}|%REQ(:AUTHORITY)%`);
  const second = setHeader(`~${port}|%METADATA(VIRTUAL_HOST:${scopeMetadata}:scope)%`);
  return {
    earlyHeaderMutations: [
      create(TypedExtensionConfigSchema, {
        name: "weft.scope",
        typedConfig: packed(EarlyHeaderMutationSchema, { mutations: [first] }),
      }),
    ],
    filters: [
      lowerHost(port),
      // Before the second look: a host whose table is not there yet is not an unknown one.
      ...(asks ? [routesOnDemand()] : []),
      filter(
        "weft.settle",
        packed(HeaderMutationFilterSchema, { mutations: { requestMutations: [second, ...mutations] } }),
      ),
      chooseAgain(),
      ...(asks ? [clustersOnDemand()] : []),
    ],
    scopedRoutes: create(ScopedRoutesSchema, {
      name: "outbound",
      scopeKeyBuilder: {
        fragments: [
          {
            type: {
              case: "headerValueExtractor",
              value: { name: scopeHeader, elementSeparator: ":", extractType: { case: "index", value: 0 } },
            },
          },
        ],
      },
      rdsConfigSource: ads(),
      configSpecifier: { case: "scopedRds", value: { scopedRdsConfigSource: ads() } },
    }),
  };
}

function setHeader(value: string): HeaderMutation {
  const { OVERWRITE_IF_EXISTS_OR_ADD } = HeaderValueOption_HeaderAppendAction;
  return create(HeaderMutationSchema, {
    action: { case: "append", value: option(scopeHeader, value, OVERWRITE_IF_EXISTS_OR_ADD) },
  });
}

/** Makes Envoy forget the route; it has no filter for that alone. */
function chooseAgain(): HttpFilter {
  const note = {
    key: { case: "objectKey" as const, value: "weft.settled" },
    factoryKey: "envoy.string",
    value: {
      case: "formatString" as const,
      value: {
        format: {
          case: "textFormatSource" as const,
          value: { specifier: { case: "inlineString" as const, value: "1" } },
        },
      },
    },
  };
  return filter("weft.choose", packed(SetFilterStateSchema, { clearRouteCache: true, onRequestHeaders: [note] }));
}

/** Looks again in lower case, for Hosts with capitals only. `metadata()` is there because it makes Envoy look at once. */
function lowerHost(port: number): HttpFilter {
  const script = `function envoy_on_request(handle)
  local host = handle:headers():get(":authority")
  handle:headers():replace("${scopeHeader}", "${port}|" .. string.lower(host))
  handle:clearRouteCache()
  handle:metadata()
end`;
  return whereHost({ name: "weft.lower", host: ".*[A-Z].*", runs: "like", script });
}

function filter(name: string, typedConfig: ReturnType<typeof packed>): HttpFilter {
  return create(HttpFilterSchema, { name, configType: { case: "typedConfig", value: typedConfig } });
}

function ads(): ConfigSource {
  return create(ConfigSourceSchema, {
    resourceApiVersion: ApiVersion.V3,
    configSourceSpecifier: { case: "ads", value: {} },
  });
}
