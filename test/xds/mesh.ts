import { createServer, request } from "node:http";
import { createRegistry, type DescMessage, fromJson, type JsonObject, toBinary } from "@bufbuild/protobuf";
import { ClusterSchema } from "../../src/gen/envoy/config/cluster/v3/cluster_pb.js";
import { ClusterLoadAssignmentSchema } from "../../src/gen/envoy/config/endpoint/v3/endpoint_pb.js";
import { ListenerSchema } from "../../src/gen/envoy/config/listener/v3/listener_pb.js";
import { RouteConfigurationSchema } from "../../src/gen/envoy/config/route/v3/route_pb.js";
import { OnDemandSchema } from "../../src/gen/envoy/extensions/filters/http/on_demand/v3/on_demand_pb.js";
import { RouterSchema } from "../../src/gen/envoy/extensions/filters/http/router/v3/router_pb.js";
import { HttpConnectionManagerSchema } from "../../src/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import {
  DownstreamTlsContextSchema,
  UpstreamTlsContextSchema,
} from "../../src/gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import { hash } from "../../src/std/hash.ts";
import type { ResourceSet, XdsResource } from "../../src/xds/resource.ts";

const registry = createRegistry(
  OnDemandSchema,
  RouterSchema,
  HttpConnectionManagerSchema,
  DownstreamTlsContextSchema,
  UpstreamTlsContextSchema,
);

/** `@type` of a message. */
export const typed = (schema: DescMessage, rest: JsonObject = {}): JsonObject => ({
  "@type": `type.googleapis.com/${schema.typeName}`,
  ...rest,
});

export function encoded(schema: DescMessage, name: string, json: JsonObject): XdsResource {
  const body = toBinary(schema, fromJson(schema, json, { registry }));
  return { name, version: hash(body), body, origins: [`${name}.yaml:1:1`] };
}

export function setOf(...resources: readonly XdsResource[]): ResourceSet {
  return { resources: new Map(resources.map((resource) => [resource.name, resource])) };
}

/** How long Envoy waits for a cluster that it asked for. */
export const ON_DEMAND_TIMEOUT_S = 15;

const ads: JsonObject = { ads: {}, resourceApiVersion: "V3" };
const secret = (name: string): JsonObject => ({ name, sdsConfig: ads });
const mutual: JsonObject = {
  tlsCertificateSdsSecretConfigs: [secret("default")],
  validationContextSdsSecretConfig: secret("ROOTCA"),
};

/** A cluster whose endpoints come by EDS; `mtls` dials with the secrets `default` and `ROOTCA`. */
export function cluster(name: string, { timeout = "1s", mtls = false } = {}): XdsResource {
  const socket = { name: "tls", typedConfig: typed(UpstreamTlsContextSchema, { commonTlsContext: mutual }) };
  return encoded(ClusterSchema, name, {
    name,
    type: "EDS",
    connectTimeout: timeout,
    edsClusterConfig: { edsConfig: ads },
    ...(mtls ? { transportSocket: socket } : {}),
  });
}

export function endpoints(name: string, port: number): XdsResource {
  const address = { socketAddress: { address: "127.0.0.1", portValue: port } };
  return encoded(ClusterLoadAssignmentSchema, name, {
    clusterName: name,
    endpoints: [{ lbEndpoints: [{ endpoint: { address } }] }],
  });
}

/** An HTTP listener whose routes come by RDS; clusters that it does not know it asks for. */
export function listener(name: string, port: number, { mtls = false } = {}): XdsResource {
  const context = { commonTlsContext: mutual, requireClientCertificate: true };
  const manager = typed(HttpConnectionManagerSchema, {
    statPrefix: name,
    rds: { configSource: ads, routeConfigName: name },
    httpFilters: [
      {
        name: "on_demand",
        typedConfig: typed(OnDemandSchema, { odcds: { source: ads, timeout: `${ON_DEMAND_TIMEOUT_S}s` } }),
      },
      { name: "router", typedConfig: typed(RouterSchema) },
    ],
  });
  return encoded(ListenerSchema, name, {
    name,
    address: { socketAddress: { address: "127.0.0.1", portValue: port } },
    filterChains: [
      {
        filters: [{ name: "http", typedConfig: manager }],
        ...(mtls ? { transportSocket: { name: "tls", typedConfig: typed(DownstreamTlsContextSchema, context) } } : {}),
      },
    ],
  });
}

/** One virtual host: `prefix` goes to a cluster, and anything else to the cluster that the header `x-cluster` names. */
export function routes(name: string, prefix: string, clusterName: string): XdsResource {
  return encoded(RouteConfigurationSchema, name, {
    name,
    virtualHosts: [
      {
        name: "all",
        domains: ["*"],
        routes: [
          { match: { prefix }, route: { cluster: clusterName } },
          { match: { prefix: "/" }, route: { clusterHeader: "x-cluster" } },
        ],
      },
    ],
  });
}

/** A free port, as far as one can know. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** GET; answers with the status and the body, or status 0 when there is no connection. */
export function get(port: number, path: string, headers: Record<string, string> = {}): Promise<[number, string]> {
  return new Promise((resolve) => {
    const call = request({ host: "127.0.0.1", port, path, headers, agent: false }, (response) => {
      let body = "";
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("end", () => resolve([response.statusCode ?? 0, body]));
    });
    call.on("error", (error) => resolve([0, error.message]));
    call.end();
  });
}
