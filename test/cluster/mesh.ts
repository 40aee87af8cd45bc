import { createRegistry, type DescMessage, type JsonObject, type MessageShape, toJson } from "@bufbuild/protobuf";
import { parseAllDocuments } from "yaml";
import { cluster } from "../../src/envoy/cluster/cluster.ts";
import { loadAssignment } from "../../src/envoy/cluster/endpoints.ts";
import { fallbackCluster } from "../../src/envoy/cluster/fallback.ts";
import { ClusterSchema } from "../../src/gen/envoy/config/cluster/v3/cluster_pb.js";
import { ClusterLoadAssignmentSchema } from "../../src/gen/envoy/config/endpoint/v3/endpoint_pb.js";
import { ClusterConfigSchema as AggregateSchema } from "../../src/gen/envoy/extensions/clusters/aggregate/v3/cluster_pb.js";
import { DnsClusterSchema } from "../../src/gen/envoy/extensions/clusters/dns/v3/dns_cluster_pb.js";
import { ClusterConfigSchema } from "../../src/gen/envoy/extensions/clusters/dynamic_forward_proxy/v3/cluster_pb.js";
import { HeaderMutationSchema } from "../../src/gen/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.js";
import { UpstreamCodecSchema } from "../../src/gen/envoy/extensions/filters/http/upstream_codec/v3/upstream_codec_pb.js";
import { PreserveCaseFormatterConfigSchema } from "../../src/gen/envoy/extensions/http/header_formatters/preserve_case/v3/preserve_case_pb.js";
import { ProxyProtocolUpstreamTransportSchema } from "../../src/gen/envoy/extensions/transport_sockets/proxy_protocol/v3/upstream_proxy_protocol_pb.js";
import { RawBufferSchema } from "../../src/gen/envoy/extensions/transport_sockets/raw_buffer/v3/raw_buffer_pb.js";
import {
  DownstreamTlsContextSchema,
  UpstreamTlsContextSchema,
} from "../../src/gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import { HttpProtocolOptionsSchema } from "../../src/gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.js";
import { TcpProtocolOptionsSchema } from "../../src/gen/envoy/extensions/upstreams/tcp/v3/tcp_protocol_options_pb.js";
import { type Resource, typeOf } from "../../src/model/resource.ts";
import { apply, empty } from "../../src/model/snapshot.ts";
import { type ClusterPlan, clusterPlan, serviceClusterKeys } from "../../src/plan/cluster/cluster.ts";
import { clusterEndpoints, clusterEndpointsKey } from "../../src/plan/cluster/endpoints.ts";
import { type FallbackCluster, fallbackClusters } from "../../src/plan/cluster/fallback-cluster.ts";
import type { ClientPlace } from "../../src/plan/cluster/locality.ts";
import { visibleServices } from "../../src/plan/registry.ts";
import type { View } from "../../src/plan/view.ts";
import type { Step } from "../../src/track/scope.ts";
import { Tracker } from "../../src/track/tracker.ts";

/** Types that stand in an Any of a cluster or a listener's transport. */
export const registry = createRegistry(
  ClusterSchema,
  ClusterLoadAssignmentSchema,
  AggregateSchema,
  ClusterConfigSchema,
  DnsClusterSchema,
  DownstreamTlsContextSchema,
  HttpProtocolOptionsSchema,
  HeaderMutationSchema,
  PreserveCaseFormatterConfigSchema,
  ProxyProtocolUpstreamTransportSchema,
  RawBufferSchema,
  TcpProtocolOptionsSchema,
  UpstreamCodecSchema,
  UpstreamTlsContextSchema,
);

/** A message as Envoy's own JSON. */
export function json<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): JsonObject {
  return toJson(schema, message, { registry }) as JsonObject;
}

/** Who asks. */
export interface Client {
  readonly view: View;
  readonly place: ClientPlace;
}

export const sidecar: Client = {
  view: { kind: "sidecar", namespace: "default", labels: {} },
  place: { locality: "", labels: {}, network: "" },
};

/** Objects of a text of several YAML documents. A document without `kind` is left out. */
export function resources(text: string, file: string): Resource[] {
  return parseAllDocuments(text).flatMap((doc, i) => {
    const object = doc.toJS() as Record<string, unknown> | null;
    return object === null || object["kind"] === undefined ? [] : [resource(object, `${file}:${i + 1}:1`)];
  });
}

function resource(object: Record<string, unknown>, at: string): Resource {
  const metadata = (object["metadata"] ?? {}) as { [key: string]: unknown; name: string };
  const apiVersion = object["apiVersion"] as string;
  const position = { file: at, line: 1, column: 1 };
  return Object.freeze({
    apiVersion,
    type: typeOf(apiVersion, object["kind"] as string),
    namespace: (metadata["namespace"] as string | undefined) ?? "default",
    name: metadata.name,
    labels: (metadata["labels"] as Record<string, string> | undefined) ?? {},
    annotations: (metadata["annotations"] as Record<string, string> | undefined) ?? {},
    createdAt: Date.parse((metadata["creationTimestamp"] as string | undefined) ?? "2026-01-01T00:00:00Z"),
    generation: 1,
    spec: object["spec"] ?? {},
    status: object["status"],
    ...topLevel(object),
    origin: { ...position, at, locate: () => position },
  });
}

/** What some of Kubernetes' kinds have beside their spec. */
function topLevel(object: Record<string, unknown>): { readonly data?: Record<string, unknown> } {
  const names = ["data", "endpoints", "ports", "subsets"].filter((name) => object[name] !== undefined);
  return names.length === 0 ? {} : { data: Object.fromEntries(names.map((name) => [name, object[name]])) };
}

/** MeshConfig as the object that the mesh keeps it as. */
export function meshConfig(spec: Record<string, unknown>): Resource {
  return {
    ...resource({ apiVersion: "v1", kind: "MeshConfig", metadata: { name: "istio", namespace: "" }, spec }, "mesh:1:1"),
  };
}

export function trackerOf(objects: readonly Resource[]): Tracker {
  return new Tracker(
    apply(
      empty,
      objects.map((put) => ({ put })),
    ),
  );
}

/** Keys of all clusters of a view, as discovery asks for them. */
const keysFor: Step<readonly string[]> = {
  name: "test/clusterKeys",
  run: (scope, key) => {
    const view = JSON.parse(key) as View;
    return scope.ask(visibleServices, view.namespace).flatMap((s) => serviceClusterKeys(scope, view, s));
  },
};

/** What falls back, as discovery asks for it. */
const fallbacksFor: Step<readonly FallbackCluster[]> = {
  name: "test/fallbacks",
  run: (scope, key) => {
    const { namespace } = JSON.parse(key) as View;
    return scope.ask(visibleServices, namespace).flatMap((s) => scope.ask(fallbackClusters, `${s.host}|${key}`));
  },
};

/** All that a client calls: name of a cluster → its plan and the key that it has. */
export function plansOf(tracker: Tracker, client: Client): ReadonlyMap<string, { key: string; plan: ClusterPlan }> {
  return new Map(
    tracker.ask(keysFor, JSON.stringify(client.view)).flatMap((key) => {
      const plan = tracker.ask(clusterPlan, key);
      return plan === undefined ? [] : [[plan.name, { key, plan }] as const];
    }),
  );
}

/** Envoy's resources of a client, as JSON by name. */
export interface Config {
  readonly clusters: Readonly<Record<string, JsonObject>>;
  readonly endpoints: Readonly<Record<string, JsonObject>>;
}

export function configOf(tracker: Tracker, client: Client): Config {
  const plans = [...plansOf(tracker, client)];
  const eds = plans.filter(([, { plan }]) => plan.discovery.kind === "eds");
  return {
    clusters: Object.fromEntries([
      ...plans.map(([name, { plan }]) => [name, json(ClusterSchema, cluster(plan, "ads"))]),
      ...tracker
        .ask(fallbacksFor, JSON.stringify(client.view))
        .map((plan) => [plan.name, json(ClusterSchema, fallbackCluster(plan))]),
    ]),
    endpoints: Object.fromEntries(
      eds.map(([name, { key, plan }]) => {
        const assigned = tracker.ask(clusterEndpoints, clusterEndpointsKey(key, plan, client.place));
        return [name, json(ClusterLoadAssignmentSchema, loadAssignment(assigned))];
      }),
    ),
  };
}
