import { create } from "@bufbuild/protobuf";
import { CorsSchema } from "../../gen/envoy/extensions/filters/http/cors/v3/cors_pb.js";
import { FilterConfigSchema } from "../../gen/envoy/extensions/filters/http/dynamic_forward_proxy/v3/dynamic_forward_proxy_pb.js";
import { HTTPFaultSchema } from "../../gen/envoy/extensions/filters/http/fault/v3/fault_pb.js";
import {
  type HttpFilter,
  HttpFilterSchema,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { packed } from "../any.ts";
import { dnsCache } from "../cluster/forward-proxy.ts";
import { routeChainFilter } from "../route/fallback.ts";
import { noSession, sessionFilter } from "../route/session.ts";

/**
 * Filters that do nothing until a route configures them: always there, so that a route's edit leaves the listener as it is. `afterCors` stands
 * where its own answers still get the headers without which a browser keeps them from its page.
 */
export function routeDrivenFilters(...afterCors: readonly HttpFilter[]): readonly HttpFilter[] {
  return [
    create(HttpFilterSchema, {
      name: "envoy.filters.http.cors",
      configType: { case: "typedConfig", value: packed(CorsSchema, {}) },
    }),
    ...afterCors,
    create(HttpFilterSchema, {
      name: "envoy.filters.http.fault",
      configType: { case: "typedConfig", value: packed(HTTPFaultSchema, {}) },
    }),
    create(HttpFilterSchema, { name: sessionFilter, configType: { case: "typedConfig", value: noSession } }),
    forwardProxyFilter(),
    routeChainFilter(),
  ];
}

/** Resolves the name that was called where the route leads to a cluster that goes by names; else idle. */
export function forwardProxyFilter(): HttpFilter {
  const value = packed(FilterConfigSchema, {
    implementationSpecifier: { case: "dnsCacheConfig", value: dnsCache },
  });
  return create(HttpFilterSchema, {
    name: "envoy.filters.http.dynamic_forward_proxy",
    configType: { case: "typedConfig", value },
  });
}
