import type { HttpProtocolOptionsSchema } from "../../gen/envoy/config/core/v3/protocol_pb.js";
import { HttpProtocolOptions_HeadersWithUnderscoresAction as Underscores } from "../../gen/envoy/config/core/v3/protocol_pb.js";
import {
  HttpConnectionManager_PathWithEscapedSlashesAction as EscapedSlashes,
  HttpConnectionManager_ForwardClientCertDetails as ForwardClientCert,
  type HttpConnectionManagerSchema,
  HttpConnectionManager_ServerHeaderTransformation as ServerHeader,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import type { ClientCertMode, HttpSettings } from "../../plan/proxy/http-settings.ts";
import { duration } from "../any.ts";
import type { Init } from "../init.ts";
import { preservesCase } from "../preserve-case.ts";

type ManagerInit = Init<typeof HttpConnectionManagerSchema>;

/** What a connection manager is for: requests that leave a workload, that arrive at one, or that come to a gateway. */
export type Side = "outbound" | "inbound" | "gateway";

/** Fields of a connection manager that users may set. No stream that is in use ends by a time that nobody set. */
export function settingFields(settings: HttpSettings, side: Side): ManagerInit {
  const { mergeSlashes, escapedSlashes, requestMs, requestHeadersMs, drainMs, flushMs } = settings;
  return {
    ...serverHeader(settings.server, side),
    generateRequestId: settings.requestId !== false,
    streamIdleTimeout: duration(settings.streamIdleMs ?? 0),
    normalizePath: settings.normalizePath !== false,
    // `shop.example.com.` is the same host, for routes and for policies.
    stripTrailingHostDot: true,
    appendXForwardedPort: settings.forwardedPort === true,
    ...(mergeSlashes === undefined ? {} : { mergeSlashes }),
    ...(escapedSlashes === undefined ? {} : { pathWithEscapedSlashesAction: EscapedSlashes[escapedSlashes] }),
    ...(requestMs === undefined ? {} : { requestTimeout: duration(requestMs) }),
    ...(requestHeadersMs === undefined ? {} : { requestHeadersTimeout: duration(requestHeadersMs) }),
    ...(drainMs === undefined ? {} : { drainTimeout: duration(drainMs) }),
    // Who bounds the silence of streams bounds this, too.
    ...(flushMs === undefined || settings.streamIdleMs !== undefined ? {} : { streamFlushTimeout: duration(flushMs) }),
    httpProtocolOptions: {
      acceptHttp10: true,
      enableTrailers: true,
      ...(settings.preserveCase === true ? { headerKeyFormat: preservesCase } : {}),
    },
    ...commonOptions(settings),
    http2ProtocolOptions: {
      // WebSockets of mesh peers, who speak HTTP/2, are extended CONNECT.
      allowConnect: true,
      ...(settings.maxStreams === undefined ? {} : { maxConcurrentStreams: settings.maxStreams }),
      ...(settings.streamWindow === undefined ? {} : { initialStreamWindowSize: settings.streamWindow }),
      ...(settings.connectionWindow === undefined ? {} : { initialConnectionWindowSize: settings.connectionWindow }),
    },
  };
}

/** `server: istio-envoy` at workloads and gateways, `server: envoy` on the way out: as Istio has it. */
function serverHeader(server: HttpSettings["server"], side: Side): ManagerInit {
  if (server === false) return { serverHeaderTransformation: ServerHeader.PASS_THROUGH };
  const name = server ?? (side === "outbound" ? undefined : "istio-envoy");
  return { serverHeaderTransformation: ServerHeader.OVERWRITE, ...(name === undefined ? {} : { serverName: name }) };
}

function commonOptions({ idleMs, maxConnectionMs, maxStreamMs, underscores }: HttpSettings): ManagerInit {
  const options: Init<typeof HttpProtocolOptionsSchema> = {
    ...(idleMs === undefined ? {} : { idleTimeout: duration(idleMs) }),
    ...(maxConnectionMs === undefined ? {} : { maxConnectionDuration: duration(maxConnectionMs) }),
    ...(maxStreamMs === undefined ? {} : { maxStreamDuration: duration(maxStreamMs) }),
    ...(underscores === undefined ? {} : { headersWithUnderscoresAction: Underscores[underscores] }),
  };
  return Object.keys(options).length === 0 ? {} : { commonHttpProtocolOptions: options };
}

/** What becomes of `x-forwarded-client-cert`: `usual` where nobody said otherwise of workloads. */
export function clientCertFields(settings: HttpSettings, side: Side, usual: ClientCertMode): ManagerInit {
  const inbound = side === "inbound" ? settings : {};
  const mode = inbound.clientCert ?? usual;
  return {
    forwardClientCertDetails: ForwardClientCert[mode],
    ...(mode === "APPEND_FORWARD" || mode === "SANITIZE_SET"
      ? { setCurrentClientCertDetails: { subject: true, dns: true, uri: true, ...inbound.clientCertDetails } }
      : {}),
  };
}
