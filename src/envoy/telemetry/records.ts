import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import {
  type AccessLog,
  type AccessLogFilter,
  AccessLogFilterSchema,
  AccessLogSchema,
  ComparisonFilter_Op,
} from "../../gen/envoy/config/accesslog/v3/accesslog_pb.js";
import { ApiVersion } from "../../gen/envoy/config/core/v3/config_source_pb.js";
import { AccessLogType } from "../../gen/envoy/data/accesslog/v3/accesslog_pb.js";
import {
  type CommonGrpcAccessLogConfigSchema,
  HttpGrpcAccessLogConfigSchema,
  TcpGrpcAccessLogConfigSchema,
} from "../../gen/envoy/extensions/access_loggers/grpc/v3/als_pb.js";
import { ConfigSchema as SetMetadataSchema } from "../../gen/envoy/extensions/filters/http/set_metadata/v3/set_metadata_pb.js";
import {
  type HttpFilter,
  HttpFilterSchema,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { packed } from "../any.ts";
import { chainType, type NamedFilter } from "../filter-chain.ts";
import type { Init } from "../init.ts";
import type { Local } from "../local.ts";
import { discovered } from "../security/authorization-slot.ts";
import { allOf, celFilter, ofTypes } from "./access-log.ts";

// What a proxy tells the control plane of single requests and connections: those that failed, those that a policy refused, or would refuse in a dry
// run, those that came in plaintext, and, where somebody learns or watches, all. Any other request costs the look at these filters.

/** How often a plaintext request or connection that goes on is told again, in milliseconds. */
export const toldAgainMs = 10_000;

/** The same for connections with mutual TLS, which nobody waits for. */
export const knownAgainMs = 60_000;

/** Dynamic metadata by which a request is told although nothing is wrong with it: `tell`, and why: `learn` for somebody who learns, `tap:ID` for one who watches. */
const recordsMetadata = "weft.records";

/** Prefixes of what RBAC leaves of a dry run, and the name of its metadata. */
const dryRuns = ["istio_dry_run_deny_", "istio_dry_run_allow_"] as const;
const rbacMetadata = "envoy.filters.http.rbac";

/** Requests of a connection manager. `plain`: all of them, as they begin and while they last; else refused ones and those to learn from. */
export function httpRecords(local: Local, plain: boolean): readonly AccessLog[] {
  if (!tells(local)) return [];
  const config = packed(HttpGrpcAccessLogConfigSchema, {
    commonConfig: common("weft.http"),
    additionalRequestHeadersToLog: ["content-type"],
    additionalResponseHeadersToLog: ["grpc-status"],
    additionalResponseTrailersToLog: ["grpc-status"],
  });
  const ended = allOf([
    ofTypes(AccessLogType.DownstreamEnd),
    anyOf([denied(), badToken(), failed(), ...dryRuns.map(wouldDeny), asked()]),
  ]);
  const alive = allOf([ofTypes(AccessLogType.DownstreamStart, AccessLogType.DownstreamPeriodic)]);
  return [ended, ...(plain ? [alive] : [])].map((filter) => logger("envoy.access_loggers.http_grpc", config, filter));
}

/**
 * Connections, as they end and while they last: only then it is known whether a policy refused them, as it looks at the first bytes. `plain`: as they
 * come, too.
 */
export function tcpRecords(local: Local, plain: boolean): readonly AccessLog[] {
  if (!tells(local)) return [];
  const { TcpUpstreamConnected, TcpPeriodic, TcpConnectionEnd } = AccessLogType;
  const wanted = ofTypes(TcpPeriodic, TcpConnectionEnd, ...(plain ? [TcpUpstreamConnected] : []));
  return [logger("envoy.access_loggers.tcp_grpc", tcpConfig(), allOf([wanted]))];
}

/** Connections that fitted no filter chain: plaintext where only mTLS may come. */
export function listenerRecords(local: Local): readonly AccessLog[] {
  if (!tells(local)) return [];
  const noChain = create(AccessLogFilterSchema, {
    filterSpecifier: { case: "responseFlagFilter", value: { flags: ["NR"] } },
  });
  return [logger("envoy.access_loggers.tcp_grpc", tcpConfig(), allOf([noChain]))];
}

/**
 * Where it is said which requests are told, before all that may refuse one. It comes by extension discovery: who begins to watch or to learn leaves
 * the listener, and every connection, as it is.
 */
export const recordsSlotName = "records-http";

export function recordsSlot(): HttpFilter {
  const configType = { case: "configDiscovery" as const, value: discovered(chainType) };
  return create(HttpFilterSchema, { name: recordsSlotName, configType });
}

/** Has all requests told that pass it, for somebody who learns. */
export function learnFilter(): NamedFilter {
  return { name: "weft.learn", config: told("learn") };
}

/** The same for somebody who watches. */
export function tappedFilter(id: string): { name: string; typedConfig: Any } {
  return { name: "weft.tapped", typedConfig: told(`tap:${id}`) };
}

function told(why: "learn" | `tap:${string}`): Any {
  const value = { tell: true, [why]: true };
  return packed(SetMetadataSchema, { metadata: [{ metadataNamespace: recordsMetadata, value, allowOverwrite: true }] });
}

/** Where Istio's agent runs beside the proxy, `xds-grpc` leads to the agent, which takes no records. */
function tells({ secretsFrom }: Local): boolean {
  return secretsFrom === "ads";
}

function tcpConfig() {
  return packed(TcpGrpcAccessLogConfigSchema, { commonConfig: common("weft.tcp") });
}

function common(logName: string): Init<typeof CommonGrpcAccessLogConfigSchema> {
  return {
    logName,
    grpcService: { targetSpecifier: { case: "envoyGrpc", value: { clusterName: "xds-grpc" } } },
    transportApiVersion: ApiVersion.V3,
  };
}

function logger(name: string, typedConfig: ReturnType<typeof packed>, filter: { filter?: AccessLogFilter }): AccessLog {
  return create(AccessLogSchema, { name, configType: { case: "typedConfig", value: typedConfig }, ...filter });
}

/** A 403 that RBAC answered. The code alone is looked at of all others. */
function denied(): AccessLogFilter {
  return every([answered(403), celFilter("response.code_details.startsWith('rbac_access_denied')")]);
}

/** A 401 for a token that is missing, or fits none of its issuer's keys, or is of none of the issuers: the keys that the proxy has may be old. */
function badToken(): AccessLogFilter {
  return every([answered(401), celFilter("response.code_details.startsWith('jwt_authn_access_denied{Jw')")]);
}

/** What nobody answered, or with a fault of the server. */
function failed(): AccessLogFilter {
  return comparedTo(500, ComparisonFilter_Op.GE);
}

function answered(status: number): AccessLogFilter {
  return comparedTo(status, ComparisonFilter_Op.EQ);
}

function comparedTo(status: number, op: ComparisonFilter_Op): AccessLogFilter {
  return create(AccessLogFilterSchema, {
    filterSpecifier: {
      case: "statusCodeFilter",
      value: { comparison: { op, value: { defaultValue: status, runtimeKey: "weft.unset" } } },
    },
  });
}

function wouldDeny(prefix: string): AccessLogFilter {
  return metadataIs(rbacMetadata, `${prefix}shadow_engine_result`, {
    case: "stringMatch",
    value: { matchPattern: { case: "exact", value: "denied" } },
  });
}

function asked(): AccessLogFilter {
  return metadataIs(recordsMetadata, "tell", { case: "boolMatch", value: true });
}

type Match =
  | { case: "boolMatch"; value: boolean }
  | { case: "stringMatch"; value: { matchPattern: { case: "exact"; value: string } } };

function metadataIs(filter: string, key: string, matchPattern: Match): AccessLogFilter {
  return create(AccessLogFilterSchema, {
    filterSpecifier: {
      case: "metadataFilter",
      value: {
        matcher: { filter, path: [{ segment: { case: "key", value: key } }], value: { matchPattern } },
        matchIfKeyNotFound: false,
      },
    },
  });
}

function anyOf(filters: readonly AccessLogFilter[]): AccessLogFilter {
  return create(AccessLogFilterSchema, { filterSpecifier: { case: "orFilter", value: { filters: [...filters] } } });
}

function every(filters: readonly AccessLogFilter[]): AccessLogFilter {
  return create(AccessLogFilterSchema, { filterSpecifier: { case: "andFilter", value: { filters: [...filters] } } });
}
