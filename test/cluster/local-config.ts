import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "@bufbuild/protobuf";
import { address } from "./envoy.ts";
import type { Config } from "./mesh.ts";

const manager = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const router = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router";

/** Secrets of a workload as files: `NAME.pem` is its certificate, `ca.pem` the mesh's root. */
export function secretFiles(directory: string, workload: string): void {
  const secret = (name: string, value: object) =>
    writeFileSync(
      join(directory, `${workload}-${name}.json`),
      JSON.stringify({
        resources: [
          { "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret", name, ...value },
        ],
      }),
    );
  const file = (name: string) => ({ filename: join(directory, name) });
  secret("default", {
    tlsCertificate: { certificateChain: file(`${workload}.pem`), privateKey: file(`${workload}-key.pem`) },
  });
  secret("ROOTCA", { validationContext: { trustedCa: file("ca.pem") } });
}

/** Clusters that need no control plane: endpoints inside, secrets from files. Nothing else is changed. */
export function runnable(config: Config): readonly JsonObject[] {
  const clusters = Object.entries(config.clusters).map(([name, cluster]) => {
    const { edsClusterConfig, ...rest } = cluster;
    return edsClusterConfig === undefined
      ? cluster
      : { ...rest, type: "STATIC", loadAssignment: config.endpoints[name] as JsonObject };
  });
  return clusters.map((c) => fromFiles(c, "own")) as readonly JsonObject[];
}

/** An HTTP listener that sends everything to one cluster; with a transport socket its secrets are those of `reviews`. */
export function httpListener(name: string, cluster: string, transportSocket?: JsonObject): JsonObject {
  const route = { match: { prefix: "/" }, route: { cluster, timeout: "0s" } };
  const connectionManager = {
    "@type": manager,
    statPrefix: name,
    upgradeConfigs: [{ upgradeType: "websocket" }],
    http2ProtocolOptions: { allowConnect: true },
    httpFilters: [{ name: "router", typedConfig: { "@type": router } }],
    routeConfig: { virtualHosts: [{ name: "all", domains: ["*"], routes: [route] }] },
  };
  const filters = [{ name: "http", typedConfig: connectionManager }];
  const chain =
    transportSocket === undefined
      ? { filters }
      : { filters, transportSocket: fromFiles(transportSocket, "reviews") as JsonObject };
  return { name, address: address(0), filterChains: [chain] };
}

/** A listener that sends all bytes to one cluster. */
export function tcpListener(name: string, cluster: string): JsonObject {
  const typedConfig = {
    "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
    statPrefix: name,
    cluster,
  };
  return { name, address: address(0), filterChains: [{ filters: [{ name: "tcp", typedConfig }] }] };
}

function fromFiles(value: unknown, workload: string): unknown {
  if (Array.isArray(value)) return value.map((v) => fromFiles(v, workload));
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  if ("sdsConfig" in object)
    return {
      ...object,
      sdsConfig: { pathConfigSource: { path: `$CERTS/${workload}-${object["name"]}.json` }, resourceApiVersion: "V3" },
    };
  return Object.fromEntries(Object.entries(object).map(([k, v]) => [k, fromFiles(v, workload)]));
}
