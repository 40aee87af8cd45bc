import { isIP } from "../std/ip.ts";
import type { BootstrapSettings } from "./bootstrap-settings.ts";

/** The part of ProxyConfig that is read here; what users wrote, so of any type. */
export interface SinksSaid {
  readonly statsdUdpAddress?: unknown;
  readonly envoyMetricsService?: unknown;
}

/**
 * Where metrics are sent. What is no address counts as not said. Envoy sends UDP to an address alone: `addressOf` knows those of the mesh's
 * services by their names.
 */
export function sinksSaid(
  { statsdUdpAddress, envoyMetricsService }: SinksSaid,
  addressOf: (host: string) => string | undefined,
): Pick<BootstrapSettings, "statsd" | "metricsService"> {
  const udp = placeOf(statsdUdpAddress);
  const statsd = udp === undefined ? undefined : isIP(udp.address) === 0 ? addressOf(udp.address) : udp.address;
  const { address, tcpKeepalive } = objectOf(envoyMetricsService);
  const service = placeOf(address);
  return {
    ...(udp === undefined || statsd === undefined ? {} : { statsd: { address: statsd, port: udp.port } }),
    ...(service === undefined ? {} : { metricsService: { ...service, ...keepaliveOf(tcpKeepalive) } }),
  };
}

/** `10.0.0.9:8125`, `[fd00::9]:8125`, `statsd.monitoring.svc:8125`. */
function placeOf(text: unknown): { readonly address: string; readonly port: number } | undefined {
  const [, v6, host, digits] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(String(text ?? "")) ?? [];
  const [address, port] = [v6 ?? host, Number(digits)];
  return address === undefined || port < 1 || port > 65_535 ? undefined : { address, port };
}

interface Keepalive {
  readonly keepalive?: { readonly probes?: number; readonly timeSeconds?: number; readonly intervalSeconds?: number };
}

function keepaliveOf(said: unknown): Keepalive {
  if (typeof said !== "object" || said === null) return {};
  const { probes, time, interval } = objectOf(said);
  const seconds = (text: unknown) => Number(/^(\d{1,6})s$/.exec(String(text ?? ""))?.[1] ?? 0);
  const count = typeof probes === "number" && Number.isSafeInteger(probes) && probes > 0 ? { probes } : {};
  const [timeSeconds, intervalSeconds] = [seconds(time), seconds(interval)];
  return {
    keepalive: {
      ...count,
      ...(timeSeconds > 0 ? { timeSeconds } : {}),
      ...(intervalSeconds > 0 ? { intervalSeconds } : {}),
    },
  };
}

function objectOf(said: unknown): Readonly<Record<string, unknown>> {
  return typeof said === "object" && said !== null ? (said as Readonly<Record<string, unknown>>) : {};
}

const type = "type.googleapis.com/envoy";
const metricsCluster = "envoy_metrics_service";

/** What of a bootstrap sends metrics away, and the clusters that it needs. */
export function sinksOf({ statsd, metricsService }: BootstrapSettings): {
  readonly bootstrap: object;
  readonly clusters: readonly unknown[];
} {
  const sinks = [...(statsd === undefined ? [] : [statsdSink(statsd)]), ...(metricsService ? [metricsSink] : [])];
  return {
    bootstrap: sinks.length === 0 ? {} : { stats_sinks: sinks },
    clusters: metricsService === undefined ? [] : [clusterOf(metricsService)],
  };
}

function statsdSink({ address, port }: NonNullable<BootstrapSettings["statsd"]>): unknown {
  return {
    name: "envoy.stat_sinks.statsd",
    typed_config: {
      "@type": `${type}.config.metrics.v3.StatsdSink`,
      address: { socket_address: { protocol: "UDP", address, port_value: port } },
    },
  };
}

const metricsSink = {
  name: "envoy.stat_sinks.metrics_service",
  typed_config: {
    "@type": `${type}.config.metrics.v3.MetricsServiceConfig`,
    transport_api_version: "V3",
    grpc_service: { envoy_grpc: { cluster_name: metricsCluster } },
    emit_tags_as_labels: true,
  },
};

function clusterOf({ address, port, keepalive }: NonNullable<BootstrapSettings["metricsService"]>): unknown {
  const options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  return {
    name: metricsCluster,
    type: isIP(address) === 0 ? "STRICT_DNS" : "STATIC",
    dns_lookup_family: "ALL",
    connect_timeout: "5s",
    load_assignment: {
      cluster_name: metricsCluster,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address, port_value: port } } } }] }],
    },
    typed_extension_protocol_options: {
      [options]: { "@type": `type.googleapis.com/${options}`, explicit_http_config: { http2_protocol_options: {} } },
    },
    ...(keepalive === undefined ? {} : { upstream_connection_options: { tcp_keepalive: keepaliveOptions(keepalive) } }),
  };
}

function keepaliveOptions({ probes, timeSeconds, intervalSeconds }: NonNullable<Keepalive["keepalive"]>): object {
  return {
    ...(probes === undefined ? {} : { keepalive_probes: probes }),
    ...(timeSeconds === undefined ? {} : { keepalive_time: timeSeconds }),
    ...(intervalSeconds === undefined ? {} : { keepalive_interval: intervalSeconds }),
  };
}
