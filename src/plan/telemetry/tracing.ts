import type { ProxyConfig } from "../../gen/istio/mesh-config.ts";
import type { Tracing } from "../../gen/istio/telemetry.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { proxyConfigOf } from "../proxy/proxy-config.ts";
import { telemetryOf } from "./rules.ts";
import { maxTagLength, oldTracer, type TracerPlan, tracerOf } from "./tracer.ts";

/** Which requests of a proxy are traced, on the way out and on the way in; absent: none. */
export interface TracingPlans {
  readonly client?: TracingPlan;
  readonly server?: TracingPlan;
}

export interface TracingPlan {
  readonly tracer: TracerPlan;
  readonly service?: SpanService;
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
}

/** Key: JSON of `TracingKey`. */
export const tracing: Step<TracingPlans> = {
  name: "plan/tracing",
  run: (scope, key) => {
    const proxy = JSON.parse(key) as TracingKey;
    const config = scope.ask(proxyConfigOf, proxy.annotation);
    const { raw } = scope.ask(mesh, "");
    const said = telemetryOf(scope, proxy).flatMap((spec) => spec.tracing ?? []);
    const fallback = raw.defaultProviders?.tracing?.[0];
    if (said.length === 0 && fallback === undefined)
      return raw.enableTracing === false ? {} : old(scope, proxy, config);
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
  const name = said.providers?.[0]?.name;
  const provider = scope.ask(mesh, "").raw.extensionProviders?.find((p) => p.name === name);
  const tracer = provider && tracerOf(scope, proxy.viewer, provider);
  if (provider === undefined || tracer === undefined) return undefined;
  const length = maxTagLength(provider) ?? config.tracing?.maxPathTagLength;
  return {
    tracer,
    ...serviceOf(config),
    sampling: said.randomSamplingPercentage ?? samplingOf(config),
    tags: tagsOf(said.customTags ?? config.tracing?.customTags ?? {}),
    istioTags: said.enableIstioTags !== false,
    ...(length ? { maxPathLength: length } : {}),
    sampledById: said.useRequestIdForTraceSampling !== false,
    silent: said.disableContextPropagation === true,
  };
}

/** Without any Telemetry and default provider: what `defaultConfig.tracing` says, as meshes of old have it. */
function old(scope: Scope, { viewer }: TracingKey, config: ProxyConfig): TracingPlans {
  const tracer = oldTracer(scope, viewer, config);
  if (tracer === undefined) return {};
  const { customTags = {}, enableIstioTags, maxPathTagLength } = config.tracing ?? {};
  const made: TracingPlan = {
    tracer,
    ...serviceOf(config),
    sampling: samplingOf(config),
    tags: tagsOf(customTags),
    istioTags: enableIstioTags !== false,
    ...(maxPathTagLength ? { maxPathLength: maxPathTagLength } : {}),
    sampledById: true,
    silent: false,
  };
  return { client: made, server: made };
}

/** `istio-proxy` is what Istio writes where nobody said anything. */
function serviceOf({ serviceCluster, tracingServiceName }: ProxyConfig): Pick<TracingPlan, "service"> {
  if (typeof serviceCluster === "string" && !["", "istio-proxy"].includes(serviceCluster))
    return { service: { name: serviceCluster } };
  return tracingServiceName === "CANONICAL_NAME_ONLY" ? { service: "app" } : {};
}

/** Istio's own default is one request of a hundred. */
function samplingOf(config: ProxyConfig): number {
  const said = config.tracing?.sampling;
  return typeof said === "number" && said > 0 ? Math.min(said, 100) : 1;
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
