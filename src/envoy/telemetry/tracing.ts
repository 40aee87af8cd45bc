import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { DatadogConfigSchema } from "../../gen/envoy/config/trace/v3/datadog_pb.js";
import { OpenTelemetryConfigSchema } from "../../gen/envoy/config/trace/v3/opentelemetry_pb.js";
import { SkyWalkingConfigSchema } from "../../gen/envoy/config/trace/v3/skywalking_pb.js";
import {
  ZipkinConfig_TraceContextOption as TraceContext,
  ZipkinConfig_CollectorEndpointVersion as Version,
  ZipkinConfigSchema,
} from "../../gen/envoy/config/trace/v3/zipkin_pb.js";
import type { HttpConnectionManagerSchema } from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { UuidRequestIdConfigSchema } from "../../gen/envoy/extensions/request_id/uuid/v3/uuid_pb.js";
import { EnvironmentResourceDetectorConfigSchema } from "../../gen/envoy/extensions/tracers/opentelemetry/resource_detectors/v3/environment_resource_detector_pb.js";
import { StaticConfigResourceDetectorConfigSchema } from "../../gen/envoy/extensions/tracers/opentelemetry/resource_detectors/v3/static_config_resource_detector_pb.js";
import { type CustomTag, CustomTagSchema } from "../../gen/envoy/type/tracing/v3/custom_tag_pb.js";
import type { CollectorPlan, ReportHeader, TracerPlan } from "../../plan/telemetry/tracer.ts";
import type { SpanService, TagPlan, TracingPlan } from "../../plan/telemetry/tracing.ts";
import { duration, packed } from "../any.ts";
import type { Init } from "../init.ts";
import type { Local } from "../local.ts";

/** What a connection manager traces. `gateway`: a span of its own for each request that goes on. */
export function tracingFields(
  plan: TracingPlan | undefined,
  local: Local,
  gateway: boolean,
): Init<typeof HttpConnectionManagerSchema> {
  if (plan === undefined || (plan.tracer.kind === "own" && !reachesControlPlane(local))) return {};
  const { maxPathLength, sampledById, silent } = plan;
  const typedConfig = packed(UuidRequestIdConfigSchema, { useRequestIdForTraceSampling: sampledById });
  return {
    tracing: {
      clientSampling: { value: 100 },
      overallSampling: { value: 100 },
      randomSampling: { value: plan.sampling },
      customTags: [
        ...(plan.unasked ? [] : dryRunTags()),
        ...(plan.istioTags ? istioTags(local) : []),
        ...plan.tags.map(customTag),
      ],
      ...(maxPathLength === undefined ? {} : { maxPathTagLength: maxPathLength }),
      provider: {
        name: `envoy.tracers.${plan.tracer.kind === "own" ? "zipkin" : plan.tracer.kind}`,
        configType: { case: "typedConfig", value: tracer(plan.tracer, local, plan) },
      },
      ...(gateway || plan.tracer.kind === "skywalking" ? { spawnUpstreamSpan: true } : {}),
      noContextPropagation: silent,
    },
    ...(plan.unasked ? {} : { requestIdExtension: { typedConfig } }),
  };
}

function tracer(plan: TracerPlan, local: Local, { service, resource }: Pick<TracingPlan, "service" | "resource">): Any {
  if (plan.kind === "own") return ownTracer(local);
  const { cluster, host } = plan;
  switch (plan.kind) {
    case "zipkin":
      return packed(ZipkinConfigSchema, {
        collectorEndpointVersion: Version.HTTP_JSON,
        traceId128bit: plan.longIds,
        sharedSpanContext: false,
        traceContextOption: plan.w3c ? TraceContext.USE_B3_WITH_W3C_PROPAGATION : TraceContext.USE_B3,
        collectorService: httpService(plan, plan.path, plan.timeoutMs),
      });
    case "opentelemetry":
      return packed(OpenTelemetryConfigSchema, {
        serviceName: serviceName(local, service),
        ...(plan.path === undefined
          ? { grpcService: grpcService(plan, plan.headers, plan.timeoutMs) }
          : { httpService: httpService(plan, plan.path, plan.timeoutMs ?? 5000) }),
        resourceDetectors: [
          ...(plan.environment ? [environmentDetector] : []),
          ...(resource === undefined ? [] : [statically(resource)]),
        ],
      });
    case "datadog":
      return packed(DatadogConfigSchema, {
        collectorCluster: cluster,
        collectorHostname: host,
        serviceName: serviceName(local, service),
      });
    case "skywalking":
      return packed(SkyWalkingConfigSchema, {
        grpcService: grpcService(plan, []),
        ...(plan.token === undefined
          ? {}
          : { clientConfig: { backendTokenSpecifier: { case: "backendToken", value: plan.token } } }),
      });
  }
}

/** Header that names the reporter's workload, for control planes that know of no Pod. */
export const workloadHeader = "x-weft-workload";

/** Where the control plane takes spans, beside xDS. */
export const spansPath = "/api/v2/spans";

/** Zipkin's format, as that tracer alone carries on both B3 and W3C: which of them an application passes on is then no matter. */
function ownTracer({ workload }: Local): Any {
  const told = { host: "weft", cluster: "xds-grpc", headers: [{ name: workloadHeader, value: workload }] };
  return packed(ZipkinConfigSchema, {
    collectorEndpointVersion: Version.HTTP_JSON,
    traceId128bit: true,
    sharedSpanContext: false,
    traceContextOption: TraceContext.USE_B3_WITH_W3C_PROPAGATION,
    collectorService: httpService(told, spansPath, 5000),
  });
}

/** Where Istio's agent runs beside the proxy, `xds-grpc` leads to the agent, which takes no spans. */
function reachesControlPlane({ secretsFrom }: Local): boolean {
  return secretsFrom === "ads";
}

/** As in Istio: the name of the node's cluster. */
function serviceName({ app, namespace }: Local, service: SpanService | undefined): string {
  if (service === undefined) return `${app}.${namespace}`;
  return service === "app" ? app : service.name;
}

type Reported = Pick<CollectorPlan, "cluster" | "host">;

function httpService(plan: Reported & { readonly headers: readonly ReportHeader[] }, path: string, timeoutMs: number) {
  return {
    httpUri: {
      uri: `http://${plan.host}${path.startsWith("/") ? "" : "/"}${path}`,
      httpUpstreamType: { case: "cluster" as const, value: plan.cluster },
      timeout: duration(timeoutMs),
    },
    requestHeadersToAdd: plan.headers.map(({ name, value }) => ({ header: { key: name, value } })),
  };
}

function grpcService({ cluster, host }: Reported, metadata: readonly ReportHeader[], timeoutMs?: number) {
  return {
    targetSpecifier: { case: "envoyGrpc" as const, value: { clusterName: cluster, authority: host } },
    initialMetadata: metadata.map(({ name, value }) => ({ key: name, value })),
    ...(timeoutMs === undefined ? {} : { timeout: duration(timeoutMs) }),
  };
}

const environmentDetector = {
  name: "envoy.tracers.opentelemetry.resource_detectors.environment",
  typedConfig: packed(EnvironmentResourceDetectorConfigSchema, {}),
};

function statically(attributes: Readonly<Record<string, string>>) {
  return {
    name: "envoy.tracers.opentelemetry.resource_detectors.static_config",
    typedConfig: packed(StaticConfigResourceDetectorConfigSchema, { attributes: { ...attributes } }),
  };
}

/** What policies that run dry would have done, where there are any. */
function dryRunTags(): readonly CustomTag[] {
  return ["allow", "deny"].flatMap((action) =>
    Object.entries({ name: "effective_policy_id", result: "engine_result" }).map(([what, key]) =>
      create(CustomTagSchema, {
        tag: `istio.authorization.dry_run.${action}_policy.${what}`,
        type: {
          case: "metadata",
          value: {
            kind: { kind: { case: "request", value: {} } },
            metadataKey: {
              key: "envoy.filters.http.rbac",
              path: [{ segment: { case: "key", value: `istio_dry_run_${action}_shadow_${key}` } }],
            },
          },
        },
      }),
    ),
  );
}

function istioTags({ app, version, namespace, kubeCluster, meshId }: Local): readonly CustomTag[] {
  const literals = {
    "istio.canonical_revision": version || "latest",
    "istio.canonical_service": app,
    "istio.cluster_id": kubeCluster,
    "istio.mesh_id": meshId ?? "unknown",
    "istio.namespace": namespace,
  };
  return Object.entries(literals).map(([name, value]) => customTag({ name, from: { kind: "literal", value } }));
}

function customTag({ name, from }: TagPlan): CustomTag {
  return create(CustomTagSchema, { tag: name, type: tagType(from) });
}

function tagType(from: TagPlan["from"]): NonNullable<MessageInitShape<typeof CustomTagSchema>["type"]> {
  switch (from.kind) {
    case "literal":
      return { case: "literal", value: { value: from.value } };
    case "format":
      return { case: "value", value: from.value };
    case "environment":
      return { case: "environment", value: { name: from.name, defaultValue: from.fallback } };
    case "header":
      return { case: "requestHeader", value: { name: from.name, defaultValue: from.fallback } };
  }
}
