import { readFileSync } from "node:fs";
import { create, createFileRegistry, fromBinary, type JsonValue, toBinary, toJson } from "@bufbuild/protobuf";
import { anyPack, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { tcpAddress } from "../src/envoy/listener/socket.ts";
import { ListenerSchema } from "../src/gen/envoy/config/listener/v3/listener_pb.js";
import { RouteConfigurationSchema } from "../src/gen/envoy/config/route/v3/route_pb.js";
import { DiscoveryResponseSchema } from "../src/gen/envoy/service/discovery/v3/discovery_pb.js";
import { dataFile } from "../src/main/data.ts";
import type { XdsResource } from "../src/xds/resource.ts";
import { TYPE } from "../src/xds/type-url.ts";

/** Listener `0.0.0.0_80` as a sidecar has it, but on a port of loopback of its own: nothing needs to be captured. */
export function boundListener(listeners: ReadonlyMap<string, XdsResource>, port: number): JsonValue {
  const found = listeners.get("0.0.0.0_80");
  if (found === undefined) throw new Error("the sidecar has no listener 0.0.0.0_80");
  const bytes = readFileSync(dataFile("protos/envoy-1.40.0.binpb"));
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
  const listener = fromBinary(ListenerSchema, found.body);
  const bound = create(ListenerSchema, {
    ...listener,
    name: "bound",
    address: tcpAddress("127.0.0.1", port),
    bindToPort: true,
  });
  return toJson(ListenerSchema, bound, { registry, useProtoFieldName: true });
}

/** The virtual hosts of many route configurations, those whose name begins so, as one: a DiscoveryResponse for a file. */
export function oneTable(resources: Iterable<XdsResource>, prefix: string): Uint8Array {
  const hosts = [...resources]
    .filter((resource) => resource.name.startsWith(prefix))
    .flatMap((resource) => fromBinary(RouteConfigurationSchema, resource.body).virtualHosts);
  const virtualHosts = [...new Map(hosts.map((host) => [host.name, host])).values()]
    .filter((host) => host.name.includes(".svc."))
    .map((host) => ({ ...host, domains: aliases(host.name) }));
  const table = create(RouteConfigurationSchema, { name: "80", virtualHosts });
  return toBinary(
    DiscoveryResponseSchema,
    create(DiscoveryResponseSchema, {
      versionInfo: String(Date.now()),
      typeUrl: TYPE.route,
      resources: [anyPack(RouteConfigurationSchema, table)],
    }),
  );
}

/** The names of a service, with and without its port, as Istio lists them: in scoped routes the scope has found it already. */
function aliases(name: string): string[] {
  const [host = "", port = ""] = name.split(":");
  const [service = "", namespace = ""] = host.split(".");
  return [host, service, `${service}.${namespace}`, `${service}.${namespace}.svc`].flatMap((one) => [
    one,
    `${one}:${port}`,
  ]);
}

/** An Envoy with one table of routes, read from a file. */
export function tableProxy(port: number, file: string, clusters: readonly string[]): object {
  const types = "type.googleapis.com/envoy.extensions.filters";
  const manager = {
    "@type": `${types}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "table",
    rds: { route_config_name: "80", config_source: { path_config_source: { path: file }, resource_api_version: "V3" } },
    http_filters: [{ name: "envoy.filters.http.router", typed_config: { "@type": `${types}.http.router.v3.Router` } }],
  };
  const filters = [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }];
  const address = { socket_address: { address: "127.0.0.1", port_value: port } };
  return {
    node: { id: "table", cluster: "table" },
    static_resources: {
      listeners: [{ name: "table", address, filter_chains: [{ filters }] }],
      clusters: clusters
        .filter((name) => name.startsWith("outbound"))
        .map((name) => ({ name, type: "STATIC", connect_timeout: "1s" })),
    },
  };
}
