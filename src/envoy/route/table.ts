import { create } from "@bufbuild/protobuf";
import { HeaderValueOption_HeaderAppendAction } from "../../gen/envoy/config/core/v3/base_pb.js";
import {
  VirtualHost_TlsRequirementType as TlsRequirement,
  VirtualHostSchema,
} from "../../gen/envoy/config/route/v3/route_components_pb.js";
import { type RouteConfiguration, RouteConfigurationSchema } from "../../gen/envoy/config/route/v3/route_pb.js";
import type { HttpSettings } from "../../plan/proxy/http-settings.ts";
import type { RouteTable } from "../../plan/route/table.ts";
import { httpRoutes } from "./http-routes.ts";

/** The header by which scoped routes choose; see scoped-routes.ts. No service ever sees it. */
export const scopeHeader = "x-weft-scope";

/** Where a virtual host says under `scope` how it is found again. */
export const scopeMetadata = "weft";

/** What Istio allows for the body of a direct response. */
const maxDirectResponseBytes = 1024 * 1024;

/** Headers that a proxy's routes add to requests, where somebody said so. */
type RouteHeaders = Pick<HttpSettings, "attemptCount" | "forwardedHost">;

/** Bytes of a request's body that a gateway keeps to send it again: Envoy's usual limit. Its connections may have much less waiting. */
const gatewayBodyBytes = 1n << 20n;

/** A gateway's table of routes. */
export function gatewayRouteConfiguration(table: RouteTable, headers?: RouteHeaders): RouteConfiguration {
  const made = routeConfiguration(table, headers);
  const virtualHosts = made.virtualHosts.map((host) => ({ ...host, requestBodyBufferLimit: gatewayBodyBytes }));
  return { ...made, virtualHosts };
}

/** A table of routes. Equal tables give equal bytes. */
export function routeConfiguration(table: RouteTable, headers: RouteHeaders = {}): RouteConfiguration {
  const { scope } = table;
  return create(RouteConfigurationSchema, {
    name: table.name,
    virtualHosts: table.virtualHosts.map(({ name, domains, routes, requireTls, http3 }) =>
      create(VirtualHostSchema, {
        name,
        domains: [...domains],
        routes: routes.flatMap((route) => httpRoutes(route, headers.forwardedHost === true)),
        includeRequestAttemptCount: headers.attemptCount !== false,
        ...(requireTls === true ? { requireTls: TlsRequirement.ALL } : {}),
        ...(http3 === undefined ? {} : { responseHeadersToAdd: [altSvc(http3)] }),
        ...(scope === undefined ? {} : { metadata: { filterMetadata: { [scopeMetadata]: { scope } } } }),
      }),
    ),
    // Clusters come and go by themselves; a route to one that is not there yet answers 503.
    validateClusters: false,
    ignorePortInHostMatching: table.byPort !== true,
    requestHeadersToRemove: [scopeHeader],
    maxDirectResponseBodySizeBytes: maxDirectResponseBytes,
  });
}

/** For a day, as Istio says it. Source: RFC 7838. */
function altSvc(port: number) {
  return {
    header: { key: "alt-svc", value: `h3=":${port}"; ma=86400` },
    appendAction: HeaderValueOption_HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD,
  };
}
