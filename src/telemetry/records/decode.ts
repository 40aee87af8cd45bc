import { fromBinary, type JsonObject } from "@bufbuild/protobuf";
import type { Address } from "../../gen/envoy/config/core/v3/address_pb.js";
import { type Node, RequestMethod } from "../../gen/envoy/config/core/v3/base_pb.js";
import {
  type AccessLogCommon,
  AccessLogType,
  type HTTPAccessLogEntry,
  type TCPAccessLogEntry,
} from "../../gen/envoy/data/accesslog/v3/accesslog_pb.js";
import { StreamAccessLogsMessageSchema } from "../../gen/envoy/service/accesslog/v3/als_pb.js";
import { connectionDetails, requestDetails } from "./details.ts";
import type { AccessRecord } from "./record.ts";
import { pathOf } from "./secrets.ts";

/** A message of Envoy's stream of access logs. `node`: in the first of a stream. */
export interface RecordsMessage {
  readonly node?: Node;
  readonly records: readonly AccessRecord[];
  /** A token was refused that newer keys might fit. */
  readonly badToken: boolean;
}

/** Reads one message. `now`: milliseconds since the epoch. Throws where the bytes are none. */
export function decodeRecords(message: Uint8Array, now: number): RecordsMessage {
  const { identifier, logEntries } = fromBinary(StreamAccessLogsMessageSchema, message);
  const records =
    logEntries.case === "httpLogs"
      ? logEntries.value.logEntry.flatMap((entry) => httpRecord(entry, now) ?? [])
      : logEntries.case === "tcpLogs"
        ? logEntries.value.logEntry.flatMap((entry) => tcpRecord(entry, now) ?? [])
        : [];
  const badToken = logEntries.case === "httpLogs" && logEntries.value.logEntry.some(hasBadToken);
  return { ...(identifier?.node === undefined ? {} : { node: identifier.node }), records, badToken };
}

const kinds: Readonly<Partial<Record<AccessLogType, AccessRecord["kind"]>>> = {
  [AccessLogType.TcpUpstreamConnected]: "begun",
  [AccessLogType.DownstreamStart]: "begun",
  [AccessLogType.TcpPeriodic]: "lasting",
  [AccessLogType.DownstreamPeriodic]: "lasting",
};

function httpRecord(entry: HTTPAccessLogEntry, now: number): AccessRecord | undefined {
  const { commonProperties: common, request, response } = entry;
  if (common === undefined || request === undefined) return undefined;
  const method = request.requestMethod === RequestMethod.METHOD_UNSPECIFIED ? "" : RequestMethod[request.requestMethod];
  return {
    ...connection(common, now),
    protocol: "http",
    ...(method ? { method } : {}),
    path: pathOf(request.originalPath || request.path),
    host: request.authority,
    code: response?.responseCode ?? 0,
    ...denial(response?.responseCodeDetails ?? ""),
    ...dryRun(common, "envoy.filters.http.rbac"),
    ...(hasBadToken(entry) ? { badToken: true as const } : {}),
    ...why(common),
    more: requestDetails(entry, common, request),
  };
}

function hasBadToken({ response }: HTTPAccessLogEntry): boolean {
  return response?.responseCodeDetails.startsWith("jwt_authn_access_denied{") === true;
}

function tcpRecord(
  { commonProperties: common, connectionProperties }: TCPAccessLogEntry,
  now: number,
): AccessRecord | undefined {
  if (common === undefined) return undefined;
  return {
    ...connection(common, now),
    protocol: "tcp",
    ...(common.responseFlags?.noRouteFound === true ? { kind: "unmatched" as const } : {}),
    ...denial(common.connectionTerminationDetails),
    ...dryRun(common, "envoy.filters.network.rbac"),
    more: connectionDetails(common, connectionProperties),
  };
}

function connection(common: AccessLogCommon, now: number) {
  const { tlsProperties: tls, accessLogType } = common;
  const names = tls?.peerCertificateProperties?.subjectAltName ?? [];
  const identity = names.find(({ san }) => san.case === "uri")?.san.value;
  const peer = common.downstreamDirectRemoteAddress ?? common.downstreamRemoteAddress;
  return {
    at: now,
    ...(identity === undefined ? {} : { identity }),
    address: socket(peer).address,
    port: socket(common.downstreamLocalAddress).port,
    tls: (tls?.tlsVersion ?? 0) !== 0,
    kind: kinds[accessLogType] ?? ("ended" as const),
  };
}

function socket(address: Address | undefined): { readonly address: string; readonly port: number } {
  if (address?.address.case !== "socketAddress") return { address: "", port: 0 };
  const { address: ip, portSpecifier } = address.address.value;
  return { address: ip, port: portSpecifier.case === "portValue" ? portSpecifier.value : 0 };
}

/** Why it is told, where nothing else says so. */
function why({ metadata }: AccessLogCommon): Pick<AccessRecord, "learned" | "watched"> {
  const left: JsonObject = metadata?.filterMetadata["weft.records"] ?? {};
  const watched = Object.keys(left).flatMap((key) => (key.startsWith("tap:") ? [key.slice("tap:".length)] : []));
  return {
    ...(left["learn"] === true ? { learned: true as const } : {}),
    ...(watched.length === 0 ? {} : { watched }),
  };
}

/** `rbac_access_denied_matched_policy[ns[shop]-policy[no-admin]-rule[0]]`; `[none]` where no policy that allows matched. */
function denial(details: string): Pick<AccessRecord, "denied"> {
  const lead = "rbac_access_denied_matched_policy[";
  if (!details.startsWith(lead) || !details.endsWith("]")) return {};
  const id = details.slice(lead.length, -1);
  return { denied: { id: id === "none" ? "" : id } };
}

/** What RBAC left of policies in a dry run: denials count before what allows. */
function dryRun({ metadata }: AccessLogCommon, filter: string): Pick<AccessRecord, "wouldDeny"> {
  const left: JsonObject = metadata?.filterMetadata[filter] ?? {};
  for (const prefix of ["istio_dry_run_deny_", "istio_dry_run_allow_"]) {
    if (left[`${prefix}shadow_engine_result`] !== "denied") continue;
    const id = left[`${prefix}shadow_effective_policy_id`];
    return { wouldDeny: { id: typeof id === "string" ? id : "" } };
  }
  return {};
}
