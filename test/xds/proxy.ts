import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { envoyBinary } from "../cluster/envoy.ts";

export interface RunningProxy {
  output(): string;
  stop(): Promise<void>;
}

/** Envoy with a token in each stream's headers, over TLS, as a sidecar without an agent starts. */
export function startProxy(
  id: string,
  xdsPort: number,
  adminPort: number,
  files: { token: string; root: string },
  metadata: Readonly<Record<string, unknown>> = {},
): RunningProxy {
  const folder = mkdtempSync(join(tmpdir(), "weft-xds-"));
  const write = (name: string, value: unknown) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const root = write("root.pem", files.root);
  const secret = {
    "@type": extension("transport_sockets.tls.v3.Secret"),
    name: "token",
    generic_secret: { secret: { filename: write("token", files.token) } },
  };
  const sds = write("sds.json", { resources: [secret] });
  const config = write("bootstrap.json", {
    node: { id, cluster: "test", metadata },
    admin: { address: { socket_address: { address: "127.0.0.1", port_value: adminPort } } },
    bootstrap_extensions: [
      { name: "internal", typed_config: { "@type": extension("bootstrap.internal_listener.v3.InternalListener") } },
    ],
    dynamic_resources: {
      ads_config: {
        api_type: "DELTA_GRPC",
        transport_api_version: "V3",
        grpc_services: [{ envoy_grpc: { cluster_name: "xds-grpc" } }],
      },
      cds_config: { ads: {}, resource_api_version: "V3" },
      lds_config: { ads: {}, resource_api_version: "V3" },
    },
    // As in every bootstrap of ours; Envoy's own limit is 100.
    layered_runtime: {
      layers: [{ name: "static", static_layer: { "re2.max_program_size.error_level": 32768 } }],
    },
    static_resources: { clusters: [xdsCluster(xdsPort, root, sds)] },
  });
  const flags = ["-c", config, "--disable-hot-restart", "--concurrency", "1", "-l", "warning"];
  const child = spawn(envoyBinary(), flags, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const exited = new Promise<void>((resolve) => child.on("exit", () => resolve()));
  return {
    output: () => output,
    async stop() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function extension(type: string): string {
  return `type.googleapis.com/envoy.extensions.${type}`;
}

/** Named as in every bootstrap of ours. */
function xdsCluster(port: number, root: string, sds: string): unknown {
  const address = { socket_address: { address: "127.0.0.1", port_value: port } };
  const san = { san_type: "DNS", matcher: { exact: "istiod.istio-system.svc" } };
  const tls = {
    "@type": extension("transport_sockets.tls.v3.UpstreamTlsContext"),
    sni: "istiod.istio-system.svc",
    common_tls_context: {
      alpn_protocols: ["h2"],
      validation_context: { trusted_ca: { filename: root }, match_typed_subject_alt_names: [san] },
    },
  };
  return {
    name: "xds-grpc",
    type: "STATIC",
    connect_timeout: "1s",
    load_assignment: { cluster_name: "xds-grpc", endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
    transport_socket: { name: "tls", typed_config: tls },
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": extension("upstreams.http.v3.HttpProtocolOptions"),
        explicit_http_config: { http2_protocol_options: {} },
        http_filters: httpFilters(sds),
      },
    },
  };
}

function httpFilters(sds: string): unknown[] {
  const generic = {
    "@type": extension("http.injected_credentials.generic.v3.Generic"),
    credential: { name: "token", sds_config: { path_config_source: { path: sds } } },
    header: "authorization",
  };
  const injector = {
    "@type": extension("filters.http.credential_injector.v3.CredentialInjector"),
    overwrite: true,
    credential: { name: "token", typed_config: generic },
  };
  const codec = { "@type": extension("filters.http.upstream_codec.v3.UpstreamCodec") };
  return [
    { name: "credential", typed_config: injector },
    { name: "codec", typed_config: codec },
  ];
}
