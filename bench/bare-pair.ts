/** What a bare pair of proxies is made of: HTTP/1.1 in, HTTP/2 with mTLS between, HTTP/1.1 to the application. Nothing else. */
export interface BareOptions {
  readonly certificate: { readonly key: string; readonly chain: string };
  readonly roots: string;
  /** Mark of its own connections, so that nobody captures them. */
  readonly mark: number;
}

const types = "type.googleapis.com/envoy.extensions";

/** The client's half: `listen` on loopback, on to the server's half. */
export function bareClient(options: BareOptions, listen: number, server: { ip: string; port: number }): unknown {
  const h2 = {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": `${types}.upstreams.http.v3.HttpProtocolOptions`,
      explicit_http_config: { http2_protocol_options: {} },
    },
  };
  const upstream = {
    ...cluster(server.ip, server.port),
    typed_extension_protocol_options: h2,
    transport_socket: tls("UpstreamTlsContext", options, {}),
  };
  return whole(options, [upstream], listener("127.0.0.1", listen, undefined));
}

/** The server's half: HTTP/2 with mTLS on `listen`, on to the application beside it. */
export function bareServer(options: BareOptions, listen: number, application: number): unknown {
  const socket = tls("DownstreamTlsContext", options, { require_client_certificate: true });
  return whole(options, [cluster("127.0.0.1", application)], listener("0.0.0.0", listen, socket));
}

/** An application that answers with `bytes` bytes and costs next to nothing: an Envoy that answers by itself. */
export function answering(port: number, bytes: number): unknown {
  const answer = {
    match: { prefix: "/" },
    direct_response: { status: 200, body: { inline_string: "x".repeat(bytes) } },
  };
  return { static_resources: { listeners: [listener("0.0.0.0", port, undefined, answer)] } };
}

function whole({ mark }: BareOptions, clusters: unknown[], one: unknown): unknown {
  const option = { description: "SO_MARK", level: 1, name: 36, int_value: mark, state: "STATE_PREBIND" };
  return {
    cluster_manager: { upstream_bind_config: { socket_options: [option] } },
    static_resources: { clusters, listeners: [one] },
  };
}

function cluster(address: string, port: number): object {
  const endpoint = { address: { socket_address: { address, port_value: port } } };
  return {
    name: "next",
    type: "STATIC",
    connect_timeout: "1s",
    load_assignment: { cluster_name: "next", endpoints: [{ lb_endpoints: [{ endpoint }] }] },
  };
}

function listener(address: string, port: number, transport: unknown, route?: unknown): unknown {
  const routes = [route ?? { match: { prefix: "/" }, route: { cluster: "next" } }];
  const manager = {
    "@type": `${types}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "bare",
    route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes }] },
    http_filters: [
      { name: "envoy.filters.http.router", typed_config: { "@type": `${types}.filters.http.router.v3.Router` } },
    ],
  };
  const filters = [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }];
  const chain = { filters, ...(transport === undefined ? {} : { transport_socket: transport }) };
  return { name: "in", address: { socket_address: { address, port_value: port } }, filter_chains: [chain] };
}

function tls(context: string, { certificate, roots }: BareOptions, more: object): unknown {
  const common = {
    alpn_protocols: ["h2"],
    tls_certificates: [
      { certificate_chain: { inline_string: certificate.chain }, private_key: { inline_string: certificate.key } },
    ],
    validation_context: { trusted_ca: { inline_string: roots } },
  };
  return {
    name: "envoy.transport_sockets.tls",
    typed_config: { "@type": `${types}.transport_sockets.tls.v3.${context}`, common_tls_context: common, ...more },
  };
}
