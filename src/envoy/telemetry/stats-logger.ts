import { create } from "@bufbuild/protobuf";
import {
  type AccessLog,
  type AccessLogFilter,
  AccessLogSchema,
} from "../../gen/envoy/config/accesslog/v3/accesslog_pb.js";
import { AccessLogType } from "../../gen/envoy/data/accesslog/v3/accesslog_pb.js";
import { Config_Histogram_Unit, ConfigSchema } from "../../gen/envoy/extensions/access_loggers/stats/v3/stats_pb.js";
import type { HttpFilter } from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import type { MetricName, MetricsPlan } from "../../plan/telemetry/metrics.ts";
import { packed } from "../any.ts";
import { ofTypes } from "./access-log.ts";
import { celFormat } from "./cel-format.ts";
import { countMessages, messageCounts, withMessages } from "./grpc-messages.ts";
import type { Labels } from "./labels.ts";

/** Labels of histograms: those that graphs and dashboards group latencies and sizes by. Each stat formats its labels again at every request. */
const histogramLabels = [
  "reporter",
  "source_workload",
  "source_workload_namespace",
  "destination_workload",
  "destination_workload_namespace",
  "destination_service",
  "destination_service_namespace",
  "request_protocol",
  "connection_security_policy",
] as const;

/**
 * Series beyond these are dropped by Envoy, with no counter of it: up to three metrics share them. The control plane sums what is too much of one workload
 * before that (src/telemetry/series-budget.ts).
 */
const bounds = { enableEviction: true, maxCounters: 6000, maxHistograms: 6000 };

/** Istio's standard metrics of HTTP and gRPC requests. Durations in milliseconds, sizes in bytes. */
export function httpStats(labels: Labels, plan: MetricsPlan = {}): readonly AccessLog[] {
  const all = { ...labels, response_code: "%RESPONSE_CODE%", grpc_response_status: grpcStatus(labels) };
  const few = Object.fromEntries(histogramLabels.map((name) => [name, labels[name] ?? ""]));
  const counter = (name: MetricName, value: Value) => counted(plan, name, all, value);
  const histogram = (name: MetricName, unit: Config_Histogram_Unit, valueFormat: string) =>
    isOff(plan, name) ? [] : [{ unit, valueFormat, stat: stat(plan, name, few) }];
  const counters = counter("istio_requests_total", { valueFixed: 1n });
  const histograms = [
    ...histogram("istio_request_duration_milliseconds", Config_Histogram_Unit.Milliseconds, "%DURATION%"),
    ...histogram("istio_request_bytes", Config_Histogram_Unit.Bytes, "%BYTES_RECEIVED%"),
    ...histogram("istio_response_bytes", Config_Histogram_Unit.Bytes, "%BYTES_SENT%"),
  ];
  const messages = speaksGrpc(labels)
    ? [
        ...counter("istio_request_messages_total", { valueFormat: messageCounts.requests }),
        ...counter("istio_response_messages_total", { valueFormat: messageCounts.responses }),
      ]
    : [];
  return [
    ...(counters.length + histograms.length === 0
      ? []
      : [logger(packed(ConfigSchema, { statsScope: bounds, counters, histograms }))]),
    ...(messages.length === 0
      ? []
      : [logger(packed(ConfigSchema, { statsScope: bounds, counters: messages }), withMessages())]),
  ];
}

/** Filters that what `httpStats` counts needs. */
export function statsFilters(labels: Labels, plan: MetricsPlan = {}): readonly HttpFilter[] {
  const names = ["istio_request_messages_total", "istio_response_messages_total"] as const;
  return speaksGrpc(labels) && names.some((name) => !isOff(plan, name)) ? countMessages() : [];
}

/** Istio's standard metrics of TCP. Bytes are counted at the end alone: what Envoy knows of them before is no difference. */
export function tcpStats(labels: Labels, plan: MetricsPlan = {}): readonly AccessLog[] {
  const { TcpUpstreamConnected, TcpConnectionEnd } = AccessLogType;
  const counter = (name: MetricName, value: Value) => counted(plan, name, labels, value);
  const opened = counter("istio_tcp_connections_opened_total", { valueFixed: 1n });
  const closed = [
    ...counter("istio_tcp_connections_closed_total", { valueFixed: 1n }),
    ...counter("istio_tcp_sent_bytes_total", { valueFormat: "%BYTES_SENT%" }),
    ...counter("istio_tcp_received_bytes_total", { valueFormat: "%BYTES_RECEIVED%" }),
  ];
  return [
    { counters: opened, type: TcpUpstreamConnected },
    { counters: closed, type: TcpConnectionEnd },
  ].flatMap(({ counters, type }) =>
    counters.length === 0 ? [] : [logger(packed(ConfigSchema, { statsScope: bounds, counters }), ofTypes(type))],
  );
}

type Value = { valueFixed: bigint } | { valueFormat: string };

function counted(plan: MetricsPlan, name: MetricName, labels: Labels, value: Value) {
  return isOff(plan, name) ? [] : [{ ...value, stat: stat(plan, name, labels) }];
}

function isOff(plan: MetricsPlan, name: MetricName): boolean {
  return plan[name]?.off === true;
}

/** A metric with its labels, as far as nobody says otherwise. */
function stat(plan: MetricsPlan, name: MetricName, labels: Labels) {
  const said = Object.entries(plan[name]?.labels ?? {});
  const kept = Object.entries(labels).filter(([label]) => plan[name]?.labels?.[label] === undefined);
  const more = said.flatMap(([label, value]) => (value === null ? [] : [[label, celFormat(value)] as const]));
  return { name, tags: tags(Object.fromEntries([...kept, ...more])) };
}

function speaksGrpc(labels: Labels): boolean {
  return labels["request_protocol"] !== "http";
}

function grpcStatus(labels: Labels): string {
  return !speaksGrpc(labels) ? "" : "%GRPC_STATUS_NUMBER%";
}

function tags(labels: Labels): { name: string; valueFormat: string }[] {
  return Object.entries(labels).map(([name, format]) => ({ name, valueFormat: format === "" ? "unknown" : format }));
}

function logger(config: ReturnType<typeof packed>, filter?: AccessLogFilter): AccessLog {
  return create(AccessLogSchema, {
    name: "envoy.access_loggers.stats",
    configType: { case: "typedConfig", value: config },
    ...(filter === undefined ? {} : { filter }),
  });
}
