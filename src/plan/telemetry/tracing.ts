import type { ExtensionProvider, MeshConfigSpec, ProxyConfig } from "../../gen/istio/mesh-config.ts";
import type { Tracing } from "../../gen/istio/telemetry.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { proxyConfigOf } from "../proxy/proxy-config.ts";
import { telemetryOf } from "./rules.ts";
import { serviceAttributes } from "./service-attributes.ts";
import { maxTagLength, oldTracer, ownProvider, type TracerPlan, tracerOf } from "./tracer.ts";

/** Which requests of a proxy are traced, on the way out and on the way in; absent: none. */
export interface TracingPlans {
  readonly client?: TracingPlan;
  readonly server?: TracingPlan;
}

export interface TracingPlan {
  readonly tracer: TracerPlan;
  readonly service?: SpanService;
  /** More that spans say of the service: `service.version`. */
  readonly resource?: Readonly<Record<string, string>>;
  /** Percent of the requests that nobody decided on before. */
  readonly sampling: number;
  /** Sorted by name. */
  readonly tags: readonly TagPlan[];
  /** Spans tell the workload's canonical service, its revision, namespace, mesh and cluster. */
  readonly istioTags: boolean;
  readonly maxPathLength?: number;
  /** Whether the id of a request says that it is traced, so that all proxies decide alike. */
  readonly sampledById: boolean;
  /** Trace headers are not sent on. */
  readonly silent: boolean;
  /** Nobody asked for traces: nothing is to cost more because of them. */
  readonly unasked?: true;
}

/** What spans call their service, where it is not `app.namespace`: the app alone, or a name that somebody gave. */
export type SpanService = "app" | { readonly name: string };

export interface TagPlan {
  readonly name: string;
  readonly from:
    | { readonly kind: "literal" | "format"; readonly value: string }
    | { readonly kind: "environment" | "header"; readonly name: string; readonly fallback: string };
}

/** The part of a proxy that its traces depend on. JSON of it is the key of `tracing`. */
export interface TracingKey {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `viewerOf`: whom it may report to. */
  readonly viewer: string;
  /** Text of the Pod's annotation `proxy.istio.io/config`; empty for none. */
  readonly annotation: string;
  readonly workload: string;
  /** Those that say what telemetry calls it (`resourcePrefix`). */
  readonly resource: Readonly<Record<string, string>>;
}

/** Percent of requests of which the control plane keeps traces unless somebody says otherwise: enough to look at, and few enough to cost little. */
export const ownSampling = 5;

/** Key: JSON of `TracingKey`. */
export const tracing: Step<TracingPlans> = {
  name: "plan/tracing",
  run: (scope, key) => {
    const proxy = JSON.parse(key) as TracingKey;
    const config = scope.ask(proxyConfigOf, proxy.annotation);
    const { raw } = scope.ask(mesh, "");
    const said = telemetryOf(scope, proxy).flatMap((spec) => spec.tracing ?? []);
    const fallback = raw.defaultProviders?.tracing?.[0];
    if (said.length === 0 && fallback === undefined) {
      if (raw.enableTracing === false || raw.defaultProviders?.tracing !== undefined) return {};
      return old(scope, proxy, config) ?? unasked(config);
    }
    const of = (mode: "CLIENT" | "SERVER") => plan(scope, proxy, config, merged(said, mode, fallback));
    const [client, server] = [of("CLIENT"), of("SERVER")];
    return { ...(client ? { client } : {}), ...(server ? { server } : {}) };
  },
};

/** One mode's rules made one: each field is of the last that says it. */
function merged(said: readonly Tracing[], mode: "CLIENT" | "SERVER", provider: string | undefined): Tracing {
  const counts = said.filter(
    ({ match }) => (match?.mode ?? "CLIENT_AND_SERVER") === "CLIENT_AND_SERVER" || match?.mode === mode,
  );
  const whole = counts.map(({ providers, match: _, ...rest }) => (providers?.length ? { ...rest, providers } : rest));
  return Object.assign({}, provider === undefined ? {} : { providers: [{ name: provider }] }, ...whole) as Tracing;
}

function plan(scope: Scope, proxy: TracingKey, config: ProxyConfig, said: Tracing): TracingPlan | undefined {
  if (said.disableSpanReporting === true) return undefined;
  const { raw } = scope.ask(mesh, "");
  const name = said.providers?.[0]?.name;
  const provider = raw.extensionProviders?.find((p) => p.name === name);
  const tracer = provider
    ? tracerOf(scope, proxy.viewer, provider)
    : ((name === undefined ? oldTracer(scope, proxy.viewer, config) : undefined) ?? own(raw, name));
  if (tracer === undefined) return undefined;
  const length = (provider && maxTagLength(provider)) ?? config.tracing?.maxPathTagLength;
  return {
    tracer,
    ...(isEnriched(provider) ? enriched(proxy) : serviceOf(config)),
    sampling: said.randomSamplingPercentage ?? samplingOf(config, tracer),
    tags: tagsOf(said.customTags ?? config.tracing?.customTags ?? {}),
    istioTags: said.enableIstioTags !== false,
    ...(length ? { maxPathLength: length } : {}),
    sampledById: said.useRequestIdForTraceSampling !== false,
    silent: said.disableContextPropagation === true,
  };
}

function isEnriched(provider: ExtensionProvider | undefined): boolean {
  return provider?.opentelemetry?.serviceAttributeEnrichment === "OTEL_SEMANTIC_CONVENTIONS";
}

function enriched({ resource: annotations, ...proxy }: TracingKey): Pick<TracingPlan, "service" | "resource"> {
  const { name, more } = serviceAttributes({ ...proxy, annotations });
  return { service: { name }, resource: more };
}

/** By its name, or where neither a rule nor the mesh names any. */
function own({ defaultProviders }: MeshConfigSpec, name: string | undefined): TracerPlan | undefined {
  const meant = name === ownProvider || (name === undefined && defaultProviders?.tracing === undefined);
  return meant ? { kind: "own" } : undefined;
}

/** Where nobody said anything of traces, the control plane keeps some. Whose a span is it knows by who reports it. */
function unasked(config: ProxyConfig): TracingPlans {
  const made: TracingPlan = { ...fromConfig({ kind: "own" }, config), istioTags: false, unasked: true };
  return { client: made, server: made };
}

/** Without any Telemetry and default provider: what `defaultConfig.tracing` says, as meshes of old have it; undefined where that names no collector. */
function old(scope: Scope, { viewer }: TracingKey, config: ProxyConfig): TracingPlans | undefined {
  const tracer = oldTracer(scope, viewer, config);
  if (tracer === undefined) return undefined;
  const made = fromConfig(tracer, config);
  return { client: made, server: made };
}

function fromConfig(tracer: TracerPlan, config: ProxyConfig): TracingPlan {
  const { customTags = {}, enableIstioTags, maxPathTagLength } = config.tracing ?? {};
  return {
    tracer,
    ...serviceOf(config),
    sampling: samplingOf(config, tracer),
    tags: tagsOf(customTags),
    istioTags: enableIstioTags !== false,
    ...(maxPathTagLength ? { maxPathLength: maxPathTagLength } : {}),
    sampledById: true,
    silent: false,
  };
}

/** `istio-proxy` is what Istio writes where nobody said anything. */
function serviceOf({ serviceCluster, tracingServiceName }: ProxyConfig): Pick<TracingPlan, "service"> {
  if (typeof serviceCluster === "string" && !["", "istio-proxy"].includes(serviceCluster))
    return { service: { name: serviceCluster } };
  return tracingServiceName === "CANONICAL_NAME_ONLY" ? { service: "app" } : {};
}

/** Istio's own default is one request of a hundred. */
function samplingOf(config: ProxyConfig, { kind }: TracerPlan): number {
  const said = config.tracing?.sampling;
  if (typeof said === "number" && said > 0) return Math.min(said, 100);
  return kind === "own" ? ownSampling : 1;
}

/** Tags of Telemetry; those of MeshConfig are the same without `formatter`. */
function tagsOf(said: NonNullable<Tracing["customTags"]> | ProxyTags): readonly TagPlan[] {
  return Object.entries(said as NonNullable<Tracing["customTags"]>)
    .flatMap(([name, { literal, formatter, environment, header }]): readonly TagPlan[] => {
      if (literal !== undefined) return [{ name, from: { kind: "literal", value: literal.value ?? "" } }];
      if (formatter !== undefined) return [{ name, from: { kind: "format", value: formatter.value } }];
      const kind = environment === undefined ? "header" : "environment";
      const named = environment ?? header;
      return named?.name ? [{ name, from: { kind, name: named.name, fallback: named.defaultValue ?? "" } }] : [];
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

type ProxyTags = NonNullable<NonNullable<ProxyConfig["tracing"]>["customTags"]>;
