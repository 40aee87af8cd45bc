import type { ExtensionProvider, HttpHeader, MeshConfigSpec, ProxyConfig } from "../../gen/istio/mesh-config.ts";
import type { Scope } from "../../track/scope.ts";
import { clusterName } from "../cluster-name.ts";
import { durationMs } from "../mesh.ts";
import { serviceFor } from "../registry.ts";

/** Who takes a proxy's spans, and how: the control plane itself, or a collector. */
export type TracerPlan = { readonly kind: "own" } | CollectorPlan;

/** A collector, and how it is told. */
export type CollectorPlan = Collector &
  (
    | {
        readonly kind: "zipkin";
        readonly path: string;
        readonly headers: readonly ReportHeader[];
        readonly timeoutMs: number;
        readonly longIds: boolean;
        /** Propagates W3C's `traceparent` beside B3. */
        readonly w3c: boolean;
      }
    | {
        readonly kind: "opentelemetry";
        /** By HTTP; absent: by gRPC. */
        readonly path?: string;
        readonly headers: readonly ReportHeader[];
        readonly timeoutMs?: number;
        /** The proxy's `OTEL_RESOURCE_ATTRIBUTES` go with its spans. */
        readonly environment: boolean;
      }
    | { readonly kind: "datadog" | "skywalking"; readonly token?: string }
  );

/** A service of the mesh that takes what proxies report. */
export interface Collector {
  readonly host: string;
  readonly cluster: string;
}

export interface ReportHeader {
  readonly name: string;
  /** May hold `%ENVIRONMENT(NAME)%`. */
  readonly value: string;
}

/** Name of the provider that every mesh has: the control plane keeps traces itself. */
export const ownProvider = "weft";

/** A provider of MeshConfig as a tracer; undefined for one that is none that a proxy has, or whose service the proxy cannot call. */
export function tracerOf(scope: Scope, viewer: string, provider: ExtensionProvider): CollectorPlan | undefined {
  const { zipkin, opentelemetry, datadog, skywalking } = provider;
  const said = zipkin ?? opentelemetry ?? datadog ?? skywalking;
  const found = said && collector(scope, viewer, said.service ?? "", said.port ?? 0);
  if (found === undefined) return undefined;
  if (zipkin !== undefined)
    return {
      ...found,
      kind: "zipkin",
      path: zipkin.path || "/api/v2/spans",
      headers: headersOf(zipkin.headers),
      timeoutMs: durationMs(zipkin.timeout ?? "5s") ?? 5000,
      longIds: zipkin.enable64bitTraceId !== true,
      w3c: zipkin.traceContextOption === "USE_B3_WITH_W3C_PROPAGATION",
    };
  if (opentelemetry !== undefined) {
    const { http, grpc, resourceDetectors, serviceAttributeEnrichment: enrichment } = opentelemetry;
    const timeoutMs = durationMs((http ? http.timeout : grpc?.timeout) ?? "");
    return {
      ...found,
      kind: "opentelemetry",
      ...(http ? { path: http.path ?? "" } : {}),
      headers: headersOf(http ? http.headers : grpc?.initialMetadata),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      environment: resourceDetectors?.environment !== undefined || enrichment === "OTEL_SEMANTIC_CONVENTIONS",
    };
  }
  if (skywalking?.accessToken) return { ...found, kind: "skywalking", token: skywalking.accessToken };
  return { ...found, kind: skywalking === undefined ? "datadog" : "skywalking" };
}

/** The longest text that the provider takes of a path. */
export function maxTagLength({ zipkin, opentelemetry, datadog }: ExtensionProvider): number | undefined {
  return (zipkin ?? opentelemetry ?? datadog)?.maxTagLength || undefined;
}

/** The collector of `defaultConfig.tracing`, which older meshes name by its address alone. */
export function oldTracer(scope: Scope, viewer: string, config: ProxyConfig): CollectorPlan | undefined {
  const address = config.tracing?.zipkin?.address ?? config.zipkinAddress;
  const [, service, port] = /^(.+):(\d+)$/.exec(typeof address === "string" ? address : "") ?? [];
  if (service === undefined) return undefined;
  return tracerOf(scope, viewer, { zipkin: { service, port: Number(port) } });
}

/** A service that is named as providers name it; undefined where the proxy cannot call it. */
export function collector(scope: Scope, viewer: string, named: string, port: number): Collector | undefined {
  for (const host of hostsOf(named)) {
    const service = scope.ask(serviceFor, `${viewer}|${host}`);
    if (service?.ports.some((p) => p.number === port && p.protocol !== "udp"))
      return { host, cluster: clusterName("outbound", port, "", host) };
  }
  return undefined;
}

/** `zipkin.istio-system.svc.cluster.local`, `istio-system/zipkin.example.com`, and the short forms of a Kubernetes service. */
export function hostsOf(named: string): readonly string[] {
  const host = named.slice(named.indexOf("/") + 1).toLowerCase();
  return [host, `${host}.cluster.local`, `${host}.svc.cluster.local`];
}

/** Hosts that proxies report spans to, wherever they are asked to: a proxy must have their clusters before it reports. */
export function collectorHosts({ extensionProviders = [], defaultConfig }: MeshConfigSpec): readonly string[] {
  const services = extensionProviders.flatMap(({ zipkin, opentelemetry, datadog, skywalking }) => {
    const said = zipkin ?? opentelemetry ?? datadog ?? skywalking;
    return said?.service === undefined ? [] : [said.service];
  });
  const address = defaultConfig?.tracing?.zipkin?.address ?? defaultConfig?.zipkinAddress;
  return [...services, ...(address === undefined ? [] : [address.replace(/:\d+$/, "")])].flatMap(hostsOf);
}

function headersOf(said: readonly HttpHeader[] = []): readonly ReportHeader[] {
  return said.flatMap(({ name, value, envName }) =>
    name ? [{ name, value: envName ? `%ENVIRONMENT(${envName})%` : (value ?? "") }] : [],
  );
}
