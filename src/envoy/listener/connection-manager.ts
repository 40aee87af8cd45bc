import { create } from "@bufbuild/protobuf";
import type { AccessLog } from "../../gen/envoy/config/accesslog/v3/accesslog_pb.js";
import type { TypedExtensionConfig } from "../../gen/envoy/config/core/v3/extension_pb.js";
import { type Filter, FilterSchema } from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import { RouterSchema } from "../../gen/envoy/extensions/filters/http/router/v3/router_pb.js";
import {
  HttpConnectionManager_CodecType as CodecType,
  type HttpConnectionManager,
  HttpConnectionManagerSchema,
  type HttpFilter,
  HttpFilterSchema,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { type Door, settingsAt } from "../../plan/proxy/http-defaults.ts";
import type { ClientCertMode } from "../../plan/proxy/http-settings.ts";
import { duration, packed } from "../any.ts";
import type { Local } from "../local.ts";
import { httpAccessLogs, whenEnded } from "../telemetry/access-log.ts";
import { httpRecords, toldAgainMs } from "../telemetry/records.ts";
import { tracingFields } from "../telemetry/tracing.ts";
import { clientCertFields, type Side, settingFields } from "./http-settings.ts";

export interface ConnectionManagerOptions {
  readonly side: Side;
  /** Who may call, where that is not the usual of the side. */
  readonly door?: Door;
  readonly local: Local;
  readonly statPrefix: string;
  readonly routes: HttpConnectionManager["routeSpecifier"];
  /** Without the router, which comes last. */
  readonly filters: readonly HttpFilter[];
  readonly accessLogs: readonly AccessLog[];
  /** What is told to the control plane: of policies' refusals and for learning, or that besides all that comes in plaintext. Absent: nothing. */
  readonly records?: "policies" | "plaintext";
  readonly earlyHeaderMutations?: readonly TypedExtensionConfig[];
  /** At the edge of the mesh the address of the client is the connection's, not what a header says. */
  readonly useRemoteAddress: boolean;
  readonly xffTrustedHops?: number;
  /** HTTP/3 alone, on a QUIC listener. */
  readonly http3?: boolean;
  /** What becomes of x-forwarded-client-cert: kept and added to where the caller is a verified peer, taken off elsewhere. */
  readonly clientCert: ClientCertMode;
}

const doors: Readonly<Record<Side, Door>> = { outbound: "application", inbound: "callers", gateway: "anybody" };

/** The filter that reads HTTP. */
export function connectionManager(options: ConnectionManagerOptions): Filter {
  const { side, local } = options;
  const settings = settingsAt(options.door ?? doors[side], local.http ?? {});
  return create(FilterSchema, {
    name: "envoy.filters.network.http_connection_manager",
    configType: {
      case: "typedConfig",
      value: packed(HttpConnectionManagerSchema, {
        statPrefix: options.statPrefix,
        routeSpecifier: options.routes,
        httpFilters: [...options.filters, router(settings.debugHeaders === false)],
        ...logging(options),
        earlyHeaderMutationExtensions: [...(options.earlyHeaderMutations ?? [])],
        // No address is trusted for being private: `x-envoy-*` of a request decides nothing.
        internalAddressConfig: {},
        useRemoteAddress: options.useRemoteAddress,
        xffNumTrustedHops: options.xffTrustedHops ?? 0,
        ...settingFields(settings, side),
        ...tracingFields(side === "inbound" ? local.tracing?.server : local.tracing?.client, local, side === "gateway"),
        ...(options.http3 === true ? { codecType: CodecType.HTTP3 } : {}),
        upgradeConfigs: [{ upgradeType: "websocket" }],
        ...clientCertFields(settings, side, options.clientCert),
      }),
    },
  });
}

/** Plaintext requests are told as they begin, so that nobody waits for the end of a stream to know of it; all other logs are of requests that ended. */
function logging({ records, local, side, accessLogs }: ConnectionManagerOptions) {
  const logs = [...accessLogs, ...httpAccessLogs(local, side)];
  if (records !== "plaintext")
    return { accessLog: [...logs, ...(records === undefined ? [] : httpRecords(local, false))] };
  return {
    accessLog: [...logs.map(whenEnded), ...httpRecords(local, true)],
    accessLogOptions: { flushAccessLogOnNewRequest: true, accessLogFlushInterval: duration(toldAgainMs) },
  };
}

function router(suppressEnvoyHeaders: boolean): HttpFilter {
  return create(HttpFilterSchema, {
    name: "envoy.filters.http.router",
    configType: { case: "typedConfig", value: packed(RouterSchema, { suppressEnvoyHeaders }) },
  });
}
