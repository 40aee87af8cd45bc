import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { ApiVersion, type ExtensionConfigSourceSchema } from "../../gen/envoy/config/core/v3/config_source_pb.js";
import { type Filter, FilterSchema } from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import {
  type HttpFilter,
  HttpFilterSchema,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";

/**
 * Where a sidecar's authorization stands in its listener. What it says comes by extension discovery: a policy's edit leaves the listener, and
 * so every live connection, as it is. Denials come first, as Istio has it.
 */
export const httpAuthorizationNames = ["authorization-deny-http", "authorization-allow-http"] as const;
export const tcpAuthorizationNames = ["authorization-deny-tcp", "authorization-allow-tcp"] as const;

/** Where tokens are verified, before any policy that asks for what they say; the metadata that they leave has Envoy's name for the filter. */
export const requestAuthenticationName = "envoy.filters.http.jwt_authn";

const jwtType = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication";
const httpType = "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC";
const tcpType = "type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC";

/** Who the request's own token says that it is from, then what policies say. */
export function httpAuthorization(): readonly HttpFilter[] {
  return [slot(requestAuthenticationName, jwtType), ...httpAuthorizationNames.map((name) => slot(name, httpType))];
}

function slot(name: string, type: string): HttpFilter {
  return create(HttpFilterSchema, { name, configType: { case: "configDiscovery", value: discovered(type) } });
}

export function tcpAuthorization(): readonly Filter[] {
  return tcpAuthorizationNames.map((name) =>
    create(FilterSchema, { name, configType: { case: "configDiscovery", value: discovered(tcpType) } }),
  );
}

/** A filter's configuration that comes by extension discovery on the ADS stream. */
export function discovered(typeUrl: string): MessageInitShape<typeof ExtensionConfigSourceSchema> {
  return {
    configSource: {
      configSourceSpecifier: { case: "ads", value: {} },
      resourceApiVersion: ApiVersion.V3,
      initialFetchTimeout: { seconds: 0n, nanos: 0 },
    },
    typeUrls: [typeUrl],
  };
}
