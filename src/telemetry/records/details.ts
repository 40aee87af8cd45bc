import { type Duration, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type AccessLogCommon,
  type ConnectionProperties,
  type HTTPAccessLogEntry,
  type HTTPRequestProperties,
  type ResponseFlags,
  HTTPAccessLogEntry_HTTPVersion as Version,
} from "../../gen/envoy/data/accesslog/v3/accesslog_pb.js";
import type { RecordDetails } from "./record.ts";
import { queryNames } from "./secrets.ts";

/** Longest text that is kept of what proxies and callers say. */
const longest = 300;

/** What a proxy said of one request. */
export function requestDetails(
  { protocolVersion, response }: HTTPAccessLogEntry,
  common: AccessLogCommon,
  request: HTTPRequestProperties,
): RecordDetails {
  const query = queryNames(request.originalPath || request.path);
  const version = versions[protocolVersion];
  return {
    ...both(common),
    requestBytes: Number(request.requestBodyBytes),
    responseBytes: Number(response?.responseBodyBytes ?? 0n),
    ...(version === undefined ? {} : { version }),
    ...grpcOf(request, response),
    ...(query.length === 0 ? {} : { query }),
    ...text("details", response?.responseCodeDetails),
    ...text("requestId", request.requestId),
    ...text("userAgent", request.userAgent),
  };
}

/** What a proxy said of one connection. */
export function connectionDetails(common: AccessLogCommon, sizes: ConnectionProperties | undefined): RecordDetails {
  return {
    ...both(common),
    requestBytes: Number(sizes?.receivedBytes ?? 0n),
    responseBytes: Number(sizes?.sentBytes ?? 0n),
    ...text("details", common.connectionTerminationDetails),
  };
}

function both(common: AccessLogCommon) {
  const duration = common.duration ?? common.timeToLastDownstreamTxByte;
  return {
    ...(common.startTime === undefined ? {} : { startedAt: timestampMs(common.startTime) }),
    ...(duration === undefined ? {} : { durationMs: millisecondsOf(duration) }),
    flags: flagsOf(common.responseFlags),
    ...text("failure", common.upstreamTransportFailureReason),
    ...(common.upstreamCluster.startsWith("outbound|") ? { upstream: common.upstreamCluster } : {}),
  };
}

const versions: Readonly<Partial<Record<Version, string>>> = {
  [Version.HTTP10]: "HTTP/1.0",
  [Version.HTTP11]: "HTTP/1.1",
  [Version.HTTP2]: "HTTP/2",
  [Version.HTTP3]: "HTTP/3",
};

function grpcOf(
  { requestHeaders }: HTTPRequestProperties,
  response: HTTPAccessLogEntry["response"],
): Pick<RecordDetails, "grpc"> {
  if (!/^application\/grpc($|[+;])/.test(requestHeaders["content-type"] ?? "")) return {};
  const said = response?.responseTrailers["grpc-status"] ?? response?.responseHeaders["grpc-status"];
  const status = Number(said);
  return { grpc: said === undefined || !Number.isInteger(status) ? {} : { status } };
}

function text<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return value ? ({ [key]: value.slice(0, longest) } as { readonly [P in K]: string }) : {};
}

/** To a tenth. */
function millisecondsOf({ seconds, nanos }: Duration): number {
  return Math.round(Number(seconds) * 10_000 + nanos / 100_000) / 10;
}

/** Source: envoyproxy.io, access log command operators, RESPONSE_FLAGS. */
const flagNames: readonly (readonly [keyof ResponseFlags, string])[] = [
  ["failedLocalHealthcheck", "LH"],
  ["noHealthyUpstream", "UH"],
  ["upstreamRequestTimeout", "UT"],
  ["localReset", "LR"],
  ["upstreamRemoteReset", "UR"],
  ["upstreamConnectionFailure", "UF"],
  ["upstreamConnectionTermination", "UC"],
  ["upstreamOverflow", "UO"],
  ["noRouteFound", "NR"],
  ["delayInjected", "DI"],
  ["faultInjected", "FI"],
  ["rateLimited", "RL"],
  ["unauthorizedDetails", "UAEX"],
  ["rateLimitServiceError", "RLSE"],
  ["downstreamConnectionTermination", "DC"],
  ["upstreamRetryLimitExceeded", "URX"],
  ["streamIdleTimeout", "SI"],
  ["invalidEnvoyRequestHeaders", "IH"],
  ["downstreamProtocolError", "DPE"],
  ["upstreamMaxStreamDurationReached", "UMSDR"],
  ["responseFromCacheFilter", "RFCF"],
  ["noFilterConfigFound", "NFCF"],
  ["durationTimeout", "DT"],
  ["upstreamProtocolError", "UPE"],
  ["noClusterFound", "NC"],
  ["overloadManager", "OM"],
  ["dnsResolutionFailure", "DF"],
  ["downstreamRemoteReset", "DR"],
];

function flagsOf(flags: ResponseFlags | undefined): readonly string[] {
  return flags === undefined ? [] : flagNames.flatMap(([field, name]) => (flags[field] ? [name] : []));
}
