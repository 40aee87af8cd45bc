import { create } from "@bufbuild/protobuf";
import type { AccessLog } from "../../gen/envoy/config/accesslog/v3/accesslog_pb.js";
import type { TypedExtensionConfig } from "../../gen/envoy/config/core/v3/extension_pb.js";
import { type Filter, FilterSchema } from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import { RouterSchema } from "../../gen/envoy/extensions/filters/http/router/v3/router_pb.js";
import {
  HttpConnectionManager_CodecType as CodecType,
  HttpConnectionManager_ForwardClientCertDetails as ForwardClientCert,
  type HttpConnectionManager,
  HttpConnectionManagerSchema,
  type HttpFilter,
  HttpFilterSchema,
  HttpConnectionManager_ServerHeaderTransformation as ServerHeader,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { duration, packed } from "../any.ts";

export interface ConnectionManagerOptions {
  readonly statPrefix: string;
  readonly routes: HttpConnectionManager["routeSpecifier"];
  /** Without the router, which comes last. */
  readonly filters: readonly HttpFilter[];
  readonly accessLogs: readonly AccessLog[];
  readonly earlyHeaderMutations?: readonly TypedExtensionConfig[];
  /** At the edge of the mesh the address of the client is the connection's, not what a header says. */
  readonly useRemoteAddress: boolean;
  readonly xffTrustedHops?: number;
  /** HTTP/3 alone, on a QUIC listener. */
  readonly http3?: boolean;
  /** What becomes of x-forwarded-client-cert: kept and added to where the caller is a verified peer, taken off elsewhere. */
  readonly clientCert: keyof typeof ForwardClientCert;
}

/** Where the certificate of the caller itself is told. */
const tellsCertificate: ReadonlySet<keyof typeof ForwardClientCert> = new Set(["APPEND_FORWARD", "SANITIZE_SET"]);

/** The filter that reads HTTP. No stream ends by a time that nobody set: Envoy's own idle limit is off, as in Istio. */
export function connectionManager(options: ConnectionManagerOptions): Filter {
  const { clientCert } = options;
  return create(FilterSchema, {
    name: "envoy.filters.network.http_connection_manager",
    configType: {
      case: "typedConfig",
      value: packed(HttpConnectionManagerSchema, {
        statPrefix: options.statPrefix,
        routeSpecifier: options.routes,
        httpFilters: [...options.filters, router()],
        accessLog: [...options.accessLogs],
        earlyHeaderMutationExtensions: [...(options.earlyHeaderMutations ?? [])],
        useRemoteAddress: options.useRemoteAddress,
        xffNumTrustedHops: options.xffTrustedHops ?? 0,
        generateRequestId: true,
        serverHeaderTransformation: ServerHeader.PASS_THROUGH,
        streamIdleTimeout: duration(0),
        normalizePath: true,
        httpProtocolOptions: { acceptHttp10: true, enableTrailers: true },
        // WebSockets of mesh peers, who speak HTTP/2, are extended CONNECT.
        http2ProtocolOptions: { allowConnect: true },
        ...(options.http3 === true ? { codecType: CodecType.HTTP3 } : {}),
        upgradeConfigs: [{ upgradeType: "websocket" }],
        forwardClientCertDetails: ForwardClientCert[clientCert],
        ...(tellsCertificate.has(clientCert)
          ? { setCurrentClientCertDetails: { subject: true, dns: true, uri: true } }
          : {}),
      }),
    },
  });
}

function router(): HttpFilter {
  return create(HttpFilterSchema, {
    name: "envoy.filters.http.router",
    configType: { case: "typedConfig", value: packed(RouterSchema, {}) },
  });
}
