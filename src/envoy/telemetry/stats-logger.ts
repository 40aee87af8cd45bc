import { create } from "@bufbuild/protobuf";
import { type AccessLog, AccessLogSchema } from "../../gen/envoy/config/accesslog/v3/accesslog_pb.js";
import { AccessLogType } from "../../gen/envoy/data/accesslog/v3/accesslog_pb.js";
import { Config_Histogram_Unit, ConfigSchema } from "../../gen/envoy/extensions/access_loggers/stats/v3/stats_pb.js";
import { packed } from "../any.ts";
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

/** Series beyond these are dropped by Envoy, with no counter of it: far above what one workload's peers make. */
const bounds = { enableEviction: true, maxCounters: 2000, maxHistograms: 1000 };

/** Istio's standard metrics of HTTP and gRPC requests. Durations in milliseconds, sizes in bytes. */
export function httpStats(labels: Labels): AccessLog {
  const all = tags({ ...labels, response_code: "%RESPONSE_CODE%", grpc_response_status: grpcStatus(labels) });
  const few = tags(Object.fromEntries(histogramLabels.map((name) => [name, labels[name] ?? ""])));
  const histogram = (name: string, unit: Config_Histogram_Unit, valueFormat: string) => ({
    unit,
    valueFormat,
    stat: { name, tags: few },
  });
  return logger(
    packed(ConfigSchema, {
      statsScope: bounds,
      counters: [{ valueFixed: 1n, stat: { name: "istio_requests_total", tags: all } }],
      histograms: [
        histogram("istio_request_duration_milliseconds", Config_Histogram_Unit.Milliseconds, "%DURATION%"),
        histogram("istio_request_bytes", Config_Histogram_Unit.Bytes, "%BYTES_RECEIVED%"),
        histogram("istio_response_bytes", Config_Histogram_Unit.Bytes, "%BYTES_SENT%"),
      ],
    }),
  );
}

/** Istio's standard metrics of TCP: bytes are cumulative, so they count once, at the end and at periodic flushes as differences. */
export function tcpStats(labels: Labels): readonly AccessLog[] {
  const all = tags(labels);
  const counter = (name: string, value: { valueFixed: bigint } | { valueFormat: string }) => ({
    ...value,
    stat: { name, tags: all },
  });
  return [
    logger(
      packed(ConfigSchema, {
        statsScope: bounds,
        counters: [counter("istio_tcp_connections_opened_total", { valueFixed: 1n })],
      }),
      AccessLogType.TcpUpstreamConnected,
    ),
    logger(
      packed(ConfigSchema, {
        statsScope: bounds,
        counters: [
          counter("istio_tcp_connections_closed_total", { valueFixed: 1n }),
          counter("istio_tcp_sent_bytes_total", { valueFormat: "%BYTES_SENT%" }),
          counter("istio_tcp_received_bytes_total", { valueFormat: "%BYTES_RECEIVED%" }),
        ],
      }),
      AccessLogType.TcpConnectionEnd,
    ),
  ];
}

function grpcStatus(labels: Labels): string {
  return labels["request_protocol"] === "http" ? "" : "%GRPC_STATUS_NUMBER%";
}

function tags(labels: Labels): { name: string; valueFormat: string }[] {
  return Object.entries(labels).map(([name, format]) => ({ name, valueFormat: format === "" ? "unknown" : format }));
}

function logger(config: ReturnType<typeof packed>, type?: AccessLogType): AccessLog {
  return create(AccessLogSchema, {
    name: "envoy.access_loggers.stats",
    configType: { case: "typedConfig", value: config },
    ...(type === undefined ? {} : { filter: { filterSpecifier: { case: "logTypeFilter", value: { types: [type] } } } }),
  });
}
