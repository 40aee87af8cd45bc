import { ports } from "./bootstrap.ts";
import { type ScrapeTarget, scrapeParts } from "./bootstrap-scrapes.ts";

/** A probe of an application that Envoy makes instead of the kubelet: mutual TLS that is demanded does not stand in its way. */
export interface AppProbe {
  /** Where the kubelet asks for it: `/app-health/web/readyz`. */
  readonly path: string;
  /** Of one try. */
  readonly timeoutSeconds: number;
  readonly periodSeconds: number;
  readonly check:
    | { readonly http: { readonly port: number; readonly path: string; readonly tls: boolean } }
    | { readonly tcp: { readonly port: number } }
    | { readonly grpc: { readonly port: number; readonly service: string } };
}

/** What takes the proxy out of service before it ends. */
export interface Drain {
  /** Where the kubelet asks for it; whoever knows it may. */
  readonly path: string;
  /** What Envoy's admin interface is asked for: `/drain_listeners?graceful`. */
  readonly command: string;
  /** The answer comes so late: as long the proxy goes on serving. */
  readonly waitSeconds: number;
}

export interface ProbeOptions {
  /** The Pod's. */
  readonly address: string;
  readonly probes: readonly AppProbe[];
  readonly drains: readonly Drain[];
  /** Pages that are merged with the proxy's own; undefined: there is no merged page. */
  readonly scrapes: readonly ScrapeTarget[] | undefined;
}

/**
 * The static listener on port 15020, Istio's port of its agent, and what it needs. An HTTP probe is passed on; one of TCP or gRPC is answered
 * from an active health check, as HTTP cannot ask for it. All come from 127.0.0.6, which is not captured.
 */
export function probeResources(options: ProbeOptions): { listeners: readonly unknown[]; clusters: readonly unknown[] } {
  const { address, probes, drains } = options;
  const merged = options.scrapes === undefined ? undefined : scrapeParts(options.scrapes);
  const watched = probes.filter(({ check }) => !("http" in check));
  const routes = [
    ...drains.map(drainRoute),
    ...probes.flatMap(httpRoute),
    ...(merged === undefined ? [] : [merged.route]),
  ];
  const filters = [...watched.map(watchFilter), lua, fault, router];
  const clusters = new Map(probes.map((probe) => [clusterName(probe), cluster(probe, address)]));
  const made = { ...listener(address, routes, filters), ...merged?.listener };
  return { listeners: [made], clusters: [...clusters.values(), ...(merged?.clusters ?? [])] };
}

const type = "type.googleapis.com/envoy";
const named = (name: string, of: string, config: object = {}) => ({
  name: `envoy.filters.http.${name}`,
  typed_config: { "@type": `${type}.extensions.filters.http.${of}`, ...config },
});
const router = named("router", "router.v3.Router", { suppress_envoy_headers: true });
const fault = named("fault", "fault.v3.HTTPFault");
const lua = named("lua", "lua.v3.Lua");

/** HTTP probes of one port share a cluster; each other probe has a health check, so a cluster, of its own. */
function clusterName({ path, check }: AppProbe): string {
  return "http" in check ? `weft-app-${check.http.port}${check.http.tls ? "-tls" : ""}` : `weft-app${path}`;
}

function httpRoute(probe: AppProbe): readonly unknown[] {
  if (!("http" in probe.check)) return [];
  const to = probe.check.http.path;
  return [
    {
      match: { path: probe.path, headers: asKubelet(probe.path) },
      // What an application redirects to is not asked, as what it means is not known here: to redirect is a sign of life.
      response_headers_to_remove: ["location"],
      route: { cluster: clusterName(probe), prefix_rewrite: to, timeout: `${probe.timeoutSeconds}s` },
    },
  ];
}

/**
 * Whoever reaches the port may ask, past mutual TLS and policies: so for nothing but what a kubelet asks for. Another method, or a query of its own,
 * would be a call of the application.
 */
function asKubelet(path: string): readonly unknown[] {
  const exactly = (name: string, exact: string) => ({ name, string_match: { exact } });
  return [exactly(":method", "GET"), exactly(":path", path)];
}

function watchFilter(probe: AppProbe): unknown {
  return named("health_check", "health_check.v3.HealthCheck", {
    pass_through_mode: false,
    headers: [{ name: ":path", string_match: { exact: probe.path } }],
    cluster_min_healthy_percentages: { [clusterName(probe)]: { value: 100 } },
  });
}

function cluster(probe: AppProbe, address: string): unknown {
  const { check } = probe;
  const name = clusterName(probe);
  const { port } = "http" in check ? check.http : "tcp" in check ? check.tcp : check.grpc;
  return {
    name,
    type: "STATIC",
    // Of HTTP, the route's own timeout ends it earlier.
    connect_timeout: "10s",
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: at(address, port) } }] }],
    },
    upstream_bind_config: {
      source_address: { address: "127.0.0.6", port_value: 0 },
      extra_source_addresses: [{ address: { address: "::1", port_value: 0 } }],
    },
    typed_extension_protocol_options: { [httpOptions]: protocol(check) },
    ...("http" in check ? (check.http.tls ? { transport_socket: unverified } : {}) : healthChecks(probe, address)),
  };
}

const httpOptions = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

function protocol(check: AppProbe["check"]): unknown {
  return {
    "@type": `type.googleapis.com/${httpOptions}`,
    // As the kubelet: a connection for each probe, so that each finds out whether one can be made.
    ...("grpc" in check ? {} : { common_http_protocol_options: { max_requests_per_connection: 1 } }),
    explicit_http_config: "grpc" in check ? { http2_protocol_options: {} } : { http_protocol_options: {} },
  };
}

/** A kubelet does not verify the certificate of what it probes. */
const unverified = {
  name: "envoy.transport_sockets.tls",
  typed_config: {
    "@type": `${type}.extensions.transport_sockets.tls.v3.UpstreamTlsContext`,
    common_tls_context: { alpn_protocols: ["http/1.1"] },
  },
};

/**
 * Often while it fails, so that an application that starts is seen within a second; twice in a probe's period while it succeeds: an answer is
 * never older than half of one.
 */
function healthChecks({ check, timeoutSeconds, periodSeconds }: AppProbe, address: string): object {
  const calm = `${Math.max(0.5, periodSeconds / 2)}s`;
  const busy = "0.5s";
  const how =
    "grpc" in check
      ? { grpc_health_check: { service_name: check.grpc.service, authority: `${address}:${check.grpc.port}` } }
      : { tcp_health_check: {} };
  return {
    health_checks: [
      {
        timeout: `${timeoutSeconds}s`,
        ...{ interval: calm, no_traffic_interval: busy, no_traffic_healthy_interval: calm, unhealthy_interval: busy },
        ...{ unhealthy_threshold: 1, healthy_threshold: 1, reuse_connection: false },
        ...how,
      },
    ],
    common_lb_config: { healthy_panic_threshold: { value: 0 } },
  };
}

/** Asks Envoy's own admin interface, which takes commands by POST alone; a hook of the kubelet is a GET. */
function drainRoute({ path, command, waitSeconds }: Drain): unknown {
  const call = `handle:httpCall("weft-admin", {[":method"]="POST", [":path"]="${command}", [":authority"]="weft"}, "", 5000)`;
  const perRoute = (of: string, config: object) => ({ "@type": `${type}.extensions.filters.http.${of}`, ...config });
  return {
    match: { path },
    typed_per_filter_config: {
      "envoy.filters.http.lua": perRoute("lua.v3.LuaPerRoute", {
        source_code: { inline_string: `function envoy_on_request(handle) ${call} end` },
      }),
      ...(waitSeconds === 0
        ? {}
        : {
            "envoy.filters.http.fault": perRoute("fault.v3.HTTPFault", {
              delay: { fixed_delay: `${waitSeconds}s`, percentage: { numerator: 100 } },
            }),
          }),
    },
    direct_response: { status: 200 },
  };
}

function listener(address: string, routes: readonly unknown[], filters: readonly unknown[]): object {
  const manager = {
    "@type": `${type}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "weft-probes",
    codec_type: "HTTP1",
    generate_request_id: false,
    server_header_transformation: "PASS_THROUGH",
    internal_address_config: { unix_sockets: false },
    http_filters: filters,
    route_config: { name: "weft-probes", virtual_hosts: [{ name: "all", domains: ["*"], routes }] },
  };
  return {
    name: "weft-probes",
    address: at(address, ports.probes),
    stat_prefix: "weft-probes",
    ignore_global_conn_limit: true,
    filter_chains: [{ filters: [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }] }],
  };
}

function at(address: string, port: number): unknown {
  return { socket_address: { address, port_value: port } };
}
