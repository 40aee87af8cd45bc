import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { ApiVersion, type ExtensionConfigSourceSchema } from "../../gen/envoy/config/core/v3/config_source_pb.js";
import { type Filter, FilterSchema } from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import {
  type HttpFilter,
  HttpFilterSchema,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { chainType } from "../filter-chain.ts";
import type { Local } from "../local.ts";

/**
 * Where a proxy's authorization stands in its listener. What it says comes by extension discovery: a policy's edit leaves the listener, and so
 * every live connection, as it is. Of requests it is a list of filters, so that what several policies say comes into force together.
 */
export const httpAuthorizationName = "authorization-http";
export const tcpAuthorizationNames = [
  "authorization-audit-tcp",
  "authorization-deny-tcp",
  "authorization-allow-tcp",
] as const;

/**
 * Where HTTP may be what nobody called so: a client decides by its first bytes, or by none, that its requests are taken for bytes. Who is asked over
 * HTTP cannot be asked of bytes, so what was to be asked is refused there.
 */
export const unaskedTcpName = "authorization-unasked-tcp";

/** Who is asked of connections has two places: what matches, and the asking. There is no list of filters for connections. */
export function tcpAskNames(provider: string): readonly [matched: string, ask: string] {
  return [`authorization-matched-tcp/${provider}`, `authorization-ask-tcp/${provider}`];
}

/** Where tokens are verified, before any policy that asks for what they say; the metadata that they leave has Envoy's name for the filter. */
export const requestAuthenticationName = "envoy.filters.http.jwt_authn";

const jwtType = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication";
const tcpType = "type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC";
const askType = "type.googleapis.com/envoy.extensions.filters.network.ext_authz.v3.ExtAuthz";

/** Who the request's own token says that it is from, then what policies say. */
export function httpAuthorization(): readonly HttpFilter[] {
  return [slot(requestAuthenticationName, jwtType), slot(httpAuthorizationName, chainType)];
}

function slot(name: string, type: string): HttpFilter {
  return create(HttpFilterSchema, { name, configType: { case: "configDiscovery", value: discovered(type) } });
}

/** `tcpAuthorizers`: names of the providers that may be asked. `mayBeHttp`: nobody said that what comes is anything but HTTP. */
export function tcpAuthorization(
  { tcpAuthorizers = [], httpAuthorizers = false }: Pick<Local, "tcpAuthorizers" | "httpAuthorizers">,
  mayBeHttp = false,
): readonly Filter[] {
  const unasked = mayBeHttp && httpAuthorizers ? [networkSlot(unaskedTcpName, tcpType)] : [];
  const asks = tcpAuthorizers.flatMap((provider) => {
    const [matched, ask] = tcpAskNames(provider);
    return [networkSlot(matched, tcpType), networkSlot(ask, askType)];
  });
  return [...asks, ...unasked, ...tcpAuthorizationNames.map((name) => networkSlot(name, tcpType))];
}

function networkSlot(name: string, type: string): Filter {
  return create(FilterSchema, { name, configType: { case: "configDiscovery", value: discovered(type) } });
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
