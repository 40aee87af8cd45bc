import { create } from "@bufbuild/protobuf";
import {
  type AccessLog,
  type AccessLogFilter,
  AccessLogSchema,
} from "../../gen/envoy/config/accesslog/v3/accesslog_pb.js";
import { ApiVersion } from "../../gen/envoy/config/core/v3/config_source_pb.js";
import {
  type CommonGrpcAccessLogConfigSchema,
  HttpGrpcAccessLogConfigSchema,
  TcpGrpcAccessLogConfigSchema,
} from "../../gen/envoy/extensions/access_loggers/grpc/v3/als_pb.js";
import { OpenTelemetryAccessLogConfigSchema } from "../../gen/envoy/extensions/access_loggers/open_telemetry/v3/logs_service_pb.js";
import type { LogServicePlan } from "../../plan/telemetry/log-service.ts";
import { packed } from "../any.ts";
import type { Init } from "../init.ts";
import { formatters } from "./formatters.ts";

/** Where an entry is made: of a request, of a connection, or of one that no filter took. */
export type EntryOf = "request" | "connection" | "stranger";

/** Istio's names of logs; those of dashboards and collectors that know them. */
const names = {
  request: "http_envoy_accesslog",
  connection: "tcp_envoy_accesslog",
  stranger: "listener_envoy_accesslog",
};
const recordsName = "otel_envoy_accesslog";

/** A log that goes to a service over gRPC. */
export function serviceLog(plan: LogServicePlan, of: EntryOf, filter: { filter?: AccessLogFilter }): AccessLog {
  const [name, value] = loggerOf(plan, of);
  return create(AccessLogSchema, { name, configType: { case: "typedConfig", value }, ...filter });
}

function loggerOf(plan: LogServicePlan, of: EntryOf): readonly [string, ReturnType<typeof packed>] {
  const { takes } = plan;
  if (takes === "records") return ["envoy.access_loggers.open_telemetry", records(plan)];
  if (takes === "requests" || (takes === "both" && of === "request")) {
    const config = packed(HttpGrpcAccessLogConfigSchema, {
      commonConfig: common(plan, names.request),
      additionalRequestHeadersToLog: [...plan.requestHeaders],
      additionalResponseHeadersToLog: [...plan.responseHeaders],
      additionalResponseTrailersToLog: [...plan.responseTrailers],
    });
    return ["envoy.access_loggers.http_grpc", config];
  }
  const usual = takes === "both" ? names[of] : names.connection;
  return ["envoy.access_loggers.tcp_grpc", packed(TcpGrpcAccessLogConfigSchema, { commonConfig: common(plan, usual) })];
}

function records(plan: LogServicePlan): ReturnType<typeof packed> {
  const { body = "", attributes = {} } = plan;
  const text = (stringValue: string) => ({ value: { case: "stringValue" as const, value: stringValue } });
  return packed(OpenTelemetryAccessLogConfigSchema, {
    logName: plan.logName ?? recordsName,
    grpcService: grpcService(plan),
    disableBuiltinLabels: true,
    body: text(body),
    ...(Object.keys(attributes).length === 0
      ? {}
      : { attributes: { values: Object.entries(attributes).map(([key, value]) => ({ key, value: text(value) })) } }),
    formatters: formatters([body, attributes]),
  });
}

function grpcService({ cluster, host }: LogServicePlan) {
  return { targetSpecifier: { case: "envoyGrpc" as const, value: { clusterName: cluster, authority: host } } };
}

function common(plan: LogServicePlan, usual: string): Init<typeof CommonGrpcAccessLogConfigSchema> {
  const { logName, state } = plan;
  return {
    logName: logName ?? usual,
    grpcService: grpcService(plan),
    transportApiVersion: ApiVersion.V3,
    filterStateObjectsToLog: [...state],
  };
}
