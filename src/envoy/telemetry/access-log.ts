import { create, type JsonObject } from "@bufbuild/protobuf";
import {
  type AccessLog,
  type AccessLogFilter,
  AccessLogFilterSchema,
  AccessLogSchema,
} from "../../gen/envoy/config/accesslog/v3/accesslog_pb.js";
import type { SubstitutionFormatStringSchema } from "../../gen/envoy/config/core/v3/substitution_format_string_pb.js";
import { AccessLogType } from "../../gen/envoy/data/accesslog/v3/accesslog_pb.js";
import { FileAccessLogSchema } from "../../gen/envoy/extensions/access_loggers/file/v3/file_pb.js";
import { ExpressionFilterSchema } from "../../gen/envoy/extensions/access_loggers/filters/cel/v3/cel_pb.js";
import type { AccessLogPlan, FileLogPlan } from "../../plan/telemetry/access-log.ts";
import { packed } from "../any.ts";
import type { Init } from "../init.ts";
import type { Local } from "../local.ts";
import { formatters } from "./formatters.ts";
import { type EntryOf, serviceLog } from "./log-service.ts";

type Side = "inbound" | "outbound" | "gateway";

/** Lines of requests, each when it ends. A gateway logs as a client does. */
export function httpAccessLogs(local: Local, side: Side): readonly AccessLog[] {
  return plansOf(local, side).map((plan) => log(plan, "request", []));
}

/** Lines of connections, each when it ends. */
export function tcpAccessLogs(local: Local, side: Side): readonly AccessLog[] {
  return plansOf(local, side).map((plan) => log(plan, "connection", [ofTypes(AccessLogType.TcpConnectionEnd)]));
}

/** Lines of connections that fitted no filter chain, plaintext where only mTLS may come among them: no filter is there to tell of them. */
export function listenerAccessLogs(local: Local, side: Side): readonly AccessLog[] {
  if (local.accessLogs?.strangersUnsaid === true) return [];
  const noRoute = create(AccessLogFilterSchema, {
    filterSpecifier: { case: "responseFlagFilter", value: { flags: ["NR"] } },
  });
  return plansOf(local, side).map((plan) => log(plan, "stranger", [noRoute]));
}

function plansOf({ accessLogs }: Local, side: Side): readonly AccessLogPlan[] {
  return (side === "inbound" ? accessLogs?.server : accessLogs?.client) ?? [];
}

/** The same log, of requests that ended alone. */
export function whenEnded(log: AccessLog): AccessLog {
  const ended = ofTypes(AccessLogType.DownstreamEnd);
  return { ...log, ...allOf([ended, ...(log.filter === undefined ? [] : [log.filter])]) };
}

/** Access logs of these types alone. */
export function ofTypes(...types: readonly AccessLogType[]): AccessLogFilter {
  return create(AccessLogFilterSchema, { filterSpecifier: { case: "logTypeFilter", value: { types: [...types] } } });
}

/** All of the filters; undefined for none. */
export function allOf(filters: readonly AccessLogFilter[]): { filter?: AccessLogFilter } {
  const [only] = filters;
  if (only === undefined) return {};
  if (filters.length === 1) return { filter: only };
  const value = { filters: [...filters] };
  return { filter: create(AccessLogFilterSchema, { filterSpecifier: { case: "andFilter", value } }) };
}

/** What a CEL expression holds for. */
export function celFilter(expression: string): AccessLogFilter {
  const typedConfig = packed(ExpressionFilterSchema, { expression });
  return create(AccessLogFilterSchema, {
    filterSpecifier: {
      case: "extensionFilter",
      value: {
        name: "envoy.access_loggers.extension_filters.cel",
        configType: { case: "typedConfig", value: typedConfig },
      },
    },
  });
}

function log(plan: AccessLogPlan, of: EntryOf, filters: readonly AccessLogFilter[]): AccessLog {
  const { only } = plan;
  const filter = allOf([...filters, ...(only === undefined ? [] : [celFilter(only)])]);
  return "service" in plan ? serviceLog(plan.service, of, filter) : file(plan, filter);
}

function file({ path, format, omitsEmpty }: FileLogPlan, filter: { filter?: AccessLogFilter }): AccessLog {
  const logFormat: Init<typeof SubstitutionFormatStringSchema> = {
    format:
      "text" in format
        ? { case: "textFormatSource", value: { specifier: { case: "inlineString", value: format.text } } }
        : { case: "jsonFormat", value: format.json as JsonObject },
    omitEmptyValues: omitsEmpty,
    formatters: formatters(format),
  };
  const value = packed(FileAccessLogSchema, { path, accessLogFormat: { case: "logFormat", value: logFormat } });
  return create(AccessLogSchema, {
    name: "envoy.access_loggers.file",
    configType: { case: "typedConfig", value },
    ...filter,
  });
}
