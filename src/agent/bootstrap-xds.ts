import { isIP } from "node:net";

/** The control plane, as a proxy reaches it. */
export interface XdsServer {
  readonly address: string;
  readonly port: number;
  /**
   * Absent: plaintext, no token. Both files are Envoy's file-based SDS (`tokenSecret`, `rootSecret`): they may be replaced while Envoy runs.
   * `san` is the DNS name that the control plane's certificate must carry.
   */
  readonly tls?: { readonly san: string; readonly tokenSds: string; readonly rootSds: string };
}

/** Name of the control plane's certificate, Istio's. */
export const controlPlaneName = "istiod.istio-system.svc";

/** The static cluster `xds-grpc`: HTTP/2 with keepalive, TLS, and a bearer token read from a file for each stream. */
export function xdsCluster(xds: XdsServer): Record<string, unknown> {
  return {
    name: "xds-grpc",
    type: isIP(xds.address) === 0 ? "STRICT_DNS" : "STATIC",
    connect_timeout: "1s",
    load_assignment: {
      cluster_name: "xds-grpc",
      endpoints: [
        {
          lb_endpoints: [{ endpoint: { address: { socket_address: { address: xds.address, port_value: xds.port } } } }],
        },
      ],
    },
    // The control plane is one stream: outlier and load limits must never hold it back.
    circuit_breakers: {
      thresholds: [
        { priority: "DEFAULT", max_connections: 100000, max_pending_requests: 100000, max_requests: 100000 },
      ],
    },
    ...(xds.tls === undefined ? {} : { transport_socket: transport(xds.tls) }),
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        explicit_http_config: {
          // A control plane that vanished without a word (suspend, kill of a machine) is noticed within 10 s.
          http2_protocol_options: { connection_keepalive: { interval: "5s", timeout: "5s" } },
        },
        ...(xds.tls === undefined ? {} : { http_filters: [credential(xds.tls.tokenSds), codec] }),
      },
    },
  };
}

function transport(tls: NonNullable<XdsServer["tls"]>): unknown {
  return {
    name: "envoy.transport_sockets.tls",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
      sni: tls.san,
      common_tls_context: {
        alpn_protocols: ["h2"],
        tls_params: { tls_minimum_protocol_version: "TLSv1_3", tls_maximum_protocol_version: "TLSv1_3" },
        combined_validation_context: {
          default_validation_context: {
            match_typed_subject_alt_names: [{ san_type: "DNS", matcher: { exact: tls.san } }],
          },
          validation_context_sds_secret_config: { name: "weft-xds-root", sds_config: file(tls.rootSds) },
        },
      },
    },
  };
}

function credential(tokenSds: string): unknown {
  return {
    name: "envoy.filters.http.credential_injector",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.credential_injector.v3.CredentialInjector",
      overwrite: true,
      credential: {
        name: "envoy.http.injected_credentials.generic",
        typed_config: {
          "@type": "type.googleapis.com/envoy.extensions.http.injected_credentials.generic.v3.Generic",
          credential: { name: "weft-token", sds_config: file(tokenSds) },
          header: "authorization",
          header_value_prefix: "Bearer ",
        },
      },
    },
  };
}

const codec = {
  name: "envoy.filters.http.upstream_codec",
  typed_config: { "@type": "type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec" },
};

function file(path: string): unknown {
  return { path_config_source: { path }, resource_api_version: "V3" };
}

const secretType = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

/** File-based SDS with the token and the roots in files of their own. Envoy reads these again when others are moved into their place. */
export function secretsInFiles(files: { readonly token: string; readonly root: string }) {
  const token = {
    ...{ "@type": secretType, name: "weft-token" },
    generic_secret: { secret: { filename: files.token } },
  };
  const root = {
    ...{ "@type": secretType, name: "weft-xds-root" },
    validation_context: { trusted_ca: { filename: files.root } },
  };
  return { token: { resources: [token] }, root: { resources: [root] } };
}

/**
 * Envoy's file-based SDS with a token (a JWT) for the control plane. Envoy reads the file again when another is moved into its place. The
 * token stands in it, not in a file of its own: each file that an Envoy watches costs an inotify instance, of which a user has 128.
 */
export function tokenSecret(token: string): unknown {
  const value = { "@type": secretType, name: "weft-token", generic_secret: { secret: { inline_string: token } } };
  return { resources: [value] };
}

/** The same with the roots (PEM) that the control plane's certificate is checked against. */
export function rootSecret(pem: string): unknown {
  const value = {
    "@type": secretType,
    name: "weft-xds-root",
    validation_context: { trusted_ca: { inline_string: pem } },
  };
  return { resources: [value] };
}
