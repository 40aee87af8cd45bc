import type { Local } from "../../envoy/local.ts";
import type { Proxy } from "../../model/proxy.ts";
import { types } from "../../model/types.ts";
import { viewOf } from "../../plan/client-view.ts";
import { extensionsOf } from "../../plan/extension/selection.ts";
import { listenPorts } from "../../plan/gateway/selection.ts";
import { type InboundKey, inboundPlan } from "../../plan/listener/inbound.ts";
import { mesh } from "../../plan/mesh.ts";
import { filtersFor, patchedProxy } from "../../plan/patch/selection.ts";
import { type HttpSettingsKey, httpSettings } from "../../plan/proxy/http-settings.ts";
import { proxyConfigAnnotation } from "../../plan/proxy/proxy-config.ts";
import { nodeLocality, type PodSpec, podOwner, workloadName } from "../../plan/registry/workload.ts";
import { asksOverHttp, connectionAuthorizers } from "../../plan/security/authorizer.ts";
import { meshMtls } from "../../plan/security/mesh-mtls.ts";
import { sidecarOf } from "../../plan/sidecar/selection.ts";
import { type AccessLogsKey, accessLogs } from "../../plan/telemetry/access-log.ts";
import { metrics } from "../../plan/telemetry/metrics.ts";
import type { Telemetered } from "../../plan/telemetry/rules.ts";
import { resourcePrefix } from "../../plan/telemetry/service-attributes.ts";
import { type TracingKey, tracing } from "../../plan/telemetry/tracing.ts";
import { viewerOf, viewKey } from "../../plan/view.ts";
import type { Scope, Step } from "../../track/scope.ts";
import type { ProxyConfig, ResourceSet } from "../../xds/resource.ts";
import { TYPE } from "../../xds/type-url.ts";
import { asks } from "../eager.ts";
import type { EagerPolicy } from "../eager-policy.ts";
import type { AuthorizationKey } from "./authorization.ts";
import { type ClusterSetKey, clusterSet, endpointSet, placeIn } from "./clusters.ts";
import { extensionSet } from "./extensions.ts";
import { type GatewayKey, gatewayListenerSet, gatewayRouteSet } from "./gateway.ts";
import { inboundPorts, sidecarListenerSet } from "./listeners.ts";
import { loopbackGateway, loopbackMetadata, loopbackPlace, loopbackSidecar } from "./loopback.ts";
import type { PassedKey } from "./passed.ts";
import { type PatchedConfig, type PatchHit, patchedConfig } from "./patched.ts";
import { askedRouteSet, askedScopeSet, routeSet, routeSetKey, scopeSet } from "./routes.ts";
import { routerClusterSet, routerEndpointSet, type WithUdpKey } from "./udp.ts";

/** Everything but secrets for one proxy. Key: `proxyKey`. */
export const proxyConfig: Step<ProxyConfig> = {
  name: "discovery/proxy",
  run: (scope, key) => {
    const proxy = JSON.parse(key) as ProxyKey;
    return patched(scope, proxy).config;
  },
  same: sameConfig,
};

/** What the patches of the mesh do to one proxy. */
export interface Patched {
  /** EnvoyFilters that choose it: `default/gzip`. */
  readonly filters: readonly string[];
  readonly hits: readonly PatchHit[];
}

/** Key: `proxyKey`. */
export const patchedBy: Step<Patched> = {
  name: "discovery/patchedBy",
  run: (scope, key) => {
    const proxy = JSON.parse(key) as ProxyKey;
    const chosen = patchedProxy(scope, proxy);
    if (chosen === undefined) return { filters: [], hits: [] };
    const filters = scope.ask(filtersFor, JSON.stringify(chosen)).map((f) => `${f.namespace}/${f.name}`);
    return { filters, hits: patched(scope, proxy).hits };
  },
};

function patched(scope: Scope, proxy: ProxyKey): PatchedConfig {
  const config = proxy.kind === "router" ? gatewayConfig(scope, proxy) : sidecarConfig(scope, proxy);
  const chosen = patchedProxy(scope, proxy);
  const extensions = extensionsOf(scope, proxy);
  if (chosen === undefined && extensions.length === 0) return { config, hits: [] };
  return patchedConfig(scope, config, {
    router: proxy.kind === "router",
    ...(chosen === undefined ? {} : { proxy: chosen }),
    extensions,
    inboundHosts: inboundHosts(scope, proxy),
    servicePorts: servicePorts(scope, proxy),
  });
}

/** Port of a sidecar's inbound cluster → hosts of the services behind it. */
function inboundHosts(scope: Scope, proxy: ProxyKey): Readonly<Record<number, readonly string[]>> {
  if (proxy.kind === "router") return {};
  const { ports } = scope.ask(inboundPlan, inboundKeyOf(scope, proxy));
  return Object.fromEntries(ports.map(({ port, service }) => [port, [service.host]]));
}

/** Port that a router listens on → ports of its Service that lead to it. */
function servicePorts(
  scope: Scope,
  { kind, namespace, labels }: ProxyKey,
): Readonly<Record<number, readonly number[]>> {
  if (kind === "sidecar") return {};
  const all = [...scope.ask(listenPorts, JSON.stringify({ namespace, labels }))];
  return Object.fromEntries(
    [...Map.groupBy(all, ([, port]) => port)].map(([port, found]) => [port, found.map(([number]) => number)]),
  );
}

/** JSON of `InboundKey`. */
function inboundKeyOf(scope: Scope, proxy: ProxyKey): string {
  const pod = scope.get<PodSpec>({ type: types.Pod, namespace: proxy.namespace, name: proxy.name });
  const sidecar = sidecarOf(scope, proxy);
  const inbound: InboundKey = {
    namespace: proxy.namespace,
    name: proxy.name,
    labels: proxy.labels,
    addresses: proxy.ips,
    ports: containerPorts(pod?.spec),
    ...(sidecar === undefined ? {} : { sidecar }),
    ...(annotationOf(proxy) === "" ? {} : { annotation: annotationOf(proxy) }),
  };
  return JSON.stringify(inbound);
}

type ProxyKey = Proxy & { readonly eager: EagerPolicy };

/** The part of a proxy that its configuration depends on, and what it has from the start. Gateways, and proxies that are asked, have all. */
export function proxyKey(proxy: Proxy, policy: EagerPolicy = "all"): string {
  const eager = proxy.kind === "router" || loopbackPlace(proxy) !== undefined ? "all" : policy;
  const { identity: _, metadata: __, ...rest } = proxy;
  return JSON.stringify({
    ...rest,
    eager,
    metadata: {
      NETWORK: "",
      ...texts(proxy.metadata),
      ...loopbackMetadata(proxy),
      PROXY_CONFIG: proxyConfigText(proxy.metadata),
      ...resourcesSaid(proxy.metadata),
    },
  });
}

/** What a proxy's own settings are: an agent of Istio's has merged them already, else they stand in the Pod's annotation. */
function proxyConfigText(metadata: Proxy["metadata"]): string {
  const said = metadata["PROXY_CONFIG"];
  if (said !== undefined) return typeof said === "string" ? said : JSON.stringify(said);
  const annotations = metadata["ANNOTATIONS"];
  if (typeof annotations !== "object" || annotations === null) return "";
  const text = (annotations as Readonly<Record<string, unknown>>)[proxyConfigAnnotation];
  return typeof text === "string" ? text : "";
}

/** What objects may choose a proxy by. */
function texts(metadata: Proxy["metadata"]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(metadata).filter((e): e is [string, string] => typeof e[1] === "string"));
}

function sidecarConfig(scope: Scope, proxy: ProxyKey): ProxyConfig {
  const { eager } = proxy;
  const view = viewKey(viewOf(scope, proxy));
  const local = { ...localOf(scope, proxy), ...(asks(eager) ? { asks: true } : {}) };
  const inboundKey = inboundKeyOf(scope, proxy);
  const ports = inboundPorts(scope.ask(inboundPlan, inboundKey));
  const kept = local.http?.preserveCase === true ? { preserveCase: true as const } : {};
  const clusters: ClusterSetKey = { view, secretsFrom: local.secretsFrom, inbound: ports, ...kept, eager };
  const captured = new Map<string, ResourceSet>([
    [TYPE.cluster, scope.ask(clusterSet, JSON.stringify(clusters))],
    [
      TYPE.endpoint,
      scope.ask(endpointSet, JSON.stringify({ view, place: placeIn(scope, view, placeOf(scope, proxy)) })),
    ],
    [TYPE.listener, scope.ask(sidecarListenerSet, JSON.stringify({ view, local, inbound: inboundKey }))],
    [TYPE.route, scope.ask(asks(eager) ? askedRouteSet : routeSet, routeSetKey(view, local.http))],
    [TYPE.scopedRoute, asks(eager) ? scope.ask(askedScopeSet, `${eager}|${view}`) : scope.ask(scopeSet, view)],
    [TYPE.extension, scope.ask(extensionSet, authorizationKey(scope, proxy))],
  ]);
  const place = loopbackPlace(proxy);
  return place === undefined ? captured : loopbackSidecar(scope, captured, { view, local, inbound: inboundKey, place });
}

function gatewayConfig(scope: Scope, proxy: Proxy): ProxyConfig {
  const view = viewKey(viewOf(scope, proxy));
  const local = localOf(scope, proxy);
  const place = loopbackPlace(proxy);
  const router = { namespace: proxy.namespace, labels: proxy.labels };
  const passed: PassedKey = { view, router };
  const key = JSON.stringify({ view, local, router, config: annotationOf(proxy) } satisfies GatewayKey);
  const withUdp = (base: object) =>
    JSON.stringify({ base: JSON.stringify(base), router: JSON.stringify(router) } satisfies WithUdpKey);
  return new Map<string, ResourceSet>([
    [TYPE.cluster, scope.ask(routerClusterSet, withUdp({ ...passed, secretsFrom: local.secretsFrom }))],
    [
      TYPE.endpoint,
      scope.ask(routerEndpointSet, withUdp({ ...passed, place: placeIn(scope, view, placeOf(scope, proxy)) })),
    ],
    [TYPE.listener, place === undefined ? scope.ask(gatewayListenerSet, key) : loopbackGateway(scope, key, place)],
    [TYPE.route, scope.ask(gatewayRouteSet, key)],
    [TYPE.extension, scope.ask(extensionSet, authorizationKey(scope, proxy))],
  ]);
}

function authorizationKey(scope: Scope, proxy: Proxy): string {
  const { namespace, labels, kind } = proxy;
  const viewer = viewerOf(viewOf(scope, proxy));
  const narrowed = viewer === namespace ? {} : { viewer };
  return JSON.stringify({ namespace, labels, ...narrowed, kind } satisfies AuthorizationKey);
}

/** Text of its annotation `proxy.istio.io/config`; empty for none. */
function annotationOf({ metadata }: Proxy): string {
  return String(metadata["PROXY_CONFIG"] ?? "");
}

function localOf(scope: Scope, proxy: Proxy): Local {
  const settings: HttpSettingsKey = { kind: proxy.kind, annotation: annotationOf(proxy) };
  const http = scope.ask(httpSettings, JSON.stringify(settings));
  const owner = proxy.workload === proxy.name ? podOwner(proxy) : proxy.workload;
  const key: TracingKey = {
    namespace: proxy.namespace,
    labels: proxy.labels,
    viewer: viewerOf(viewOf(scope, proxy)),
    annotation: settings.annotation,
    workload: owner,
    resource: resourceAnnotations(proxy),
  };
  const traced = scope.ask(tracing, JSON.stringify(key));
  const telemetered = JSON.stringify({ namespace: proxy.namespace, labels: proxy.labels } satisfies Telemetered);
  const { namespace: ns, labels, viewer } = key;
  const logged = scope.ask(accessLogs, JSON.stringify({ namespace: ns, labels, viewer } satisfies AccessLogsKey));
  const counted = scope.ask(metrics, telemetered);
  const mtls = scope.ask(meshMtls, "");
  const { raw } = scope.ask(mesh, "");
  const tcpAuthorizers = connectionAuthorizers(raw);
  const { name, namespace, app, version } = workloadName(proxy, proxy.serviceAccount, owner);
  return {
    workload: name,
    namespace,
    app,
    version,
    kubeCluster: proxy.kubeCluster,
    secretsFrom: proxy.istioAgent ? "sds-grpc" : "ads",
    ...(Object.keys(http).length === 0 ? {} : { http }),
    ...(proxy.kind === "router" ? {} : { mtls }),
    ...(Object.keys(logged).length === 0 ? {} : { accessLogs: logged }),
    ...(Object.keys(counted).length === 0 ? {} : { metrics: counted }),
    ...(tcpAuthorizers.length === 0 ? {} : { tcpAuthorizers }),
    ...(asksOverHttp(raw) ? { httpAuthorizers: true } : {}),
    ...(Object.keys(traced).length === 0
      ? {}
      : { tracing: traced, meshId: String(proxy.metadata["MESH_ID"] ?? "unknown") }),
  };
}

/** What its Pod says that telemetry shall call it; kept by `proxyKey`. */
function resourceAnnotations({ metadata }: Proxy): Readonly<Record<string, string>> {
  return (metadata["RESOURCE_ATTRIBUTES"] ?? {}) as Readonly<Record<string, string>>;
}

function resourcesSaid({ ANNOTATIONS: all }: Proxy["metadata"]): object {
  if (typeof all !== "object" || all === null) return {};
  const said = Object.entries(all).filter(
    ([name, value]) => name.startsWith(resourcePrefix) && typeof value === "string",
  );
  return said.length === 0 ? {} : { RESOURCE_ATTRIBUTES: Object.fromEntries(said) };
}

function placeOf(scope: Scope, proxy: Proxy) {
  const network = proxy.metadata["NETWORK"];
  return {
    locality: localityOf(scope, proxy),
    labels: proxy.labels,
    network: typeof network === "string" ? network : "",
  };
}

/** What it says itself, else what its Pod's label says, else where its Node is: stock Envoy in a Pod cannot know that. */
function localityOf(scope: Scope, { locality, labels, metadata }: Proxy): string {
  const { region, zone, subzone } = locality;
  const said = [region, zone, subzone].filter((part) => part !== "").join("/");
  const node = metadata["NODE_NAME"];
  if (said !== "" || typeof node !== "string") return said;
  return labels["istio-locality"]?.replaceAll(".", "/") ?? scope.ask(nodeLocality, node);
}

function containerPorts(spec: PodSpec | undefined): Readonly<Record<string, number>> {
  const ports = (spec?.containers ?? []).flatMap((c) => c.ports ?? []);
  return Object.fromEntries(ports.flatMap((p) => (p.name === undefined ? [] : [[p.name, p.containerPort]])));
}

/** Sets are compared by reference: a set that did not change keeps it. */
function sameConfig(a: ProxyConfig, b: ProxyConfig): boolean {
  return a.size === b.size && [...a].every(([type, set]) => b.get(type) === set);
}
