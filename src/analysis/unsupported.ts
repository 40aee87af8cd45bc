import { codes } from "../model/codes.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { FieldPath } from "../model/origin.ts";
import { kindOf, type Resource, type Type } from "../model/resource.ts";
import { types } from "../model/types.ts";

/** A kind or field that is taken as Istio takes it, and changes nothing. */
interface Unread {
  /** `spec.http[].fault.delay.exponentialDelay`; `[]` stands for each of a list. Empty for the whole object. */
  readonly field: string;
  /** Which values change nothing; absent: all. */
  readonly when?: (value: unknown, resource: Resource) => boolean;
  /** What that means for traffic: `requests are not asked for a token`. */
  readonly so?: string;
  readonly fix?: string;
}

const whole = (so: string, fix?: string): readonly Unread[] => [
  { field: "", so, ...(fix === undefined ? {} : { fix }) },
];
const gatewayApi = whole("no listener and no route comes of it", "write Istio's Gateway and VirtualService");

/** Settings of a destination, at the top, of a port and of a subset. */
const policies = ["spec.trafficPolicy", "spec.subsets[].trafficPolicy"];

const noToken = "no token is verified yet, so no request has a principal or claims of one";

/** A Deployment that runs on this machine. */
const runsHere = (_: unknown, { spec }: Resource) =>
  at(spec, ["template", "metadata", "annotations", "weft.dev/run"]) !== undefined;

/** What no other file of the program reads, kind by kind; `docs/compatibility.md` says the same in tables. */
const unread: Readonly<Record<Type, readonly Unread[]>> = {
  [types.Sidecar]: whole("every sidecar sees all services that are exported to it"),
  [types.EnvoyFilter]: whole("no proxy is patched"),
  [types.ProxyConfig]: whole(
    "proxies run with their defaults",
    "concurrency can be set by the annotation proxy.istio.io/config of a Pod template",
  ),
  [types.WorkloadGroup]: whole("no WorkloadEntry is made of it", "write the WorkloadEntries"),
  [types.RequestAuthentication]: whole("requests with a bad token pass, and none has a verified principal"),
  [types.Telemetry]: whole("metrics are Istio's standard ones; there are no access logs and no traces"),
  [types.WasmPlugin]: whole("no plugin is loaded"),
  [types.TrafficExtension]: whole("no extension is loaded"),
  [types.Endpoints]: whole("no endpoint comes of it", "write an EndpointSlice"),
  [types.AuthorizationPolicy]: [
    {
      field: "spec.action",
      when: (value) => value === "CUSTOM",
      so: "nobody is asked, and what its rules match is refused",
      fix: "write an ALLOW or DENY policy",
    },
    { field: "spec.action", when: (value) => value === "AUDIT", so: "nothing is audited" },
    { field: "spec.targetRef", so: "the whole policy is left out", fix: "choose workloads by selector" },
    { field: "spec.targetRefs", so: "the whole policy is left out", fix: "choose workloads by selector" },
    { field: "spec.rules[].from[].source.requestPrincipals", so: noToken },
    { field: "spec.rules[].from[].source.notRequestPrincipals", so: noToken },
    { field: "spec.rules[].when[].key", when: (key) => String(key).startsWith("request.auth."), so: noToken },
  ],
  [types.VirtualService]: [
    { field: "spec.http[].fault.delay.exponentialDelay", so: "requests are not delayed", fix: "use fixedDelay" },
    { field: "spec.http[].fault.abort.http2Error", so: "requests are not aborted", fix: "use httpStatus" },
    { field: "spec.http[].match[].headers", when: (headers) => claims(headers), so: noToken },
    { field: "spec.http[].match[].withoutHeaders", when: (headers) => claims(headers), so: noToken },
    { field: "spec.tcp[].match[].sourceSubnet", so: "callers of every address match", fix: "use sourceLabels" },
    { field: "spec.tls[].match[].destinationSubnets", so: "every address matches", fix: "use sniHosts alone" },
  ],
  [types.DestinationRule]: policies.flatMap((policy) => [
    { field: `${policy}.tunnel`, so: "connections go out as they are" },
    { field: `${policy}.loadBalancer.zoneAwareLbSetting`, so: "zones are treated alike", fix: "use localityLbSetting" },
    { field: `${policy}.portLevelSettings[].loadBalancer.zoneAwareLbSetting`, so: "zones are treated alike" },
  ]),
  [types.Gateway]: [
    {
      field: "spec.servers[].tls.mode",
      when: (mode) => mode === "AUTO_PASSTHROUGH",
      so: "the server is left out",
      fix: "use PASSTHROUGH, with a VirtualService's tls routes",
    },
    { field: "spec.servers[].defaultEndpoint", so: "requests go where VirtualServices send them" },
  ],
  [types.Service]: [
    { field: "metadata.labels.istio.io/persistent-session", so: "sessions do not stick", fix: "use consistentHash" },
    {
      field: "metadata.labels.istio.io/persistent-session-header",
      so: "sessions do not stick",
      fix: "use consistentHash",
    },
    { field: "metadata.labels.istio.io/use-waypoint", so: "there are no waypoints" },
    { field: "spec.publishNotReadyAddresses", when: (said) => said === true, so: "only ready Pods get traffic" },
  ],
  [types.Namespace]: [
    {
      field: "metadata.labels.istio.io/dataplane-mode",
      when: (mode) => mode === "ambient",
      so: "its workloads have sidecars, as those of every namespace",
    },
    { field: "metadata.labels.istio.io/use-waypoint", so: "there are no waypoints" },
  ],
  [types.Deployment]: [
    { field: "spec.template.spec.initContainers", when: runsHere, so: "they are not run on this machine" },
    {
      field: "spec.template.spec.containers",
      when: (all, resource) => Array.isArray(all) && all.length > 1 && runsHere(all, resource),
      so: "only the first container is run on this machine",
    },
  ],
  "StatefulSet.apps": [{ field: "spec", when: runsHere, so: "only Deployments are run on this machine" }],
  "DaemonSet.apps": [{ field: "spec", when: runsHere, so: "only Deployments are run on this machine" }],
  "Ingress.networking.k8s.io": gatewayApi,
  "NetworkPolicy.networking.k8s.io": whole("no connection is refused by it", "write an AuthorizationPolicy"),
  "IstioOperator.install.istio.io": whole("nothing is installed by it", "give its meshConfig by --mesh-config FILE"),
  ...Object.fromEntries(
    ["Gateway", "GatewayClass", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute", "ListenerSet"].map(
      (kind) => [`${kind}.gateway.networking.k8s.io`, gatewayApi],
    ),
  ),
  "BackendTLSPolicy.gateway.networking.k8s.io": whole("connections go out as they are", "write a DestinationRule"),
};

/** The settings of MeshConfig that are read. */
const meshSettings: ReadonlySet<string> = new Set([
  "connectTimeout",
  "defaultConfig.gatewayTopology.numTrustedProxies",
  "defaultDestinationRuleExportTo",
  "defaultHttpRetryPolicy",
  "defaultServiceExportTo",
  "defaultTrafficPolicy",
  "defaultVirtualServiceExportTo",
  "enableAutoMtls",
  "h2UpgradePolicy",
  "localityLbSetting",
  "outboundTrafficPolicy.mode",
  "rootNamespace",
  "tcpKeepalive",
  "tlsDefaults.cipherSuites",
  "tlsDefaults.ecdhCurves",
  "trustDomain",
  "trustDomainAliases",
]);

/** Warnings of everything in an object that has no effect yet: what a user wrote must not be passed over in silence. Pure. */
export function unsupported(resource: Resource): readonly Diagnostic[] {
  if (resource.type === "MeshConfig") return meshConfig(resource);
  const metadata = { labels: resource.labels, annotations: resource.annotations };
  return (unread[resource.type] ?? []).flatMap((rule) => {
    if (rule.field === "") return [warning(resource, [], rule)];
    return found({ spec: resource.spec, metadata }, steps(rule.field))
      .filter(([, value]) => rule.when?.(value, resource) ?? true)
      .map(([path, value]) => warning(resource, path, rule, typeof value === "string" ? value : undefined));
  });
}

/** Settings that are not read, each named as far down as some beside it are. */
function meshConfig(
  resource: Resource,
  value: unknown = resource.spec,
  path: readonly string[] = [],
): readonly Diagnostic[] {
  return Object.entries((value ?? {}) as object).flatMap(([key, inner]: [string, unknown]) => {
    const name = [...path, key].join(".");
    if (meshSettings.has(name)) return [];
    const below = [...meshSettings].some((setting) => setting.startsWith(`${name}.`));
    return below && typeof inner === "object"
      ? meshConfig(resource, inner, [...path, key])
      : [warning(resource, [...path, key], { field: name })];
  });
}

function warning(about: Resource, path: FieldPath, { so, fix }: Unread, value?: string): Diagnostic {
  const { type, namespace, name } = about;
  const field = type === "MeshConfig" ? path.join(".") : String(path.at(-1));
  const what = path.length === 0 ? kindOf(type) : `${field}${value === undefined ? "" : ` ${value}`}`;
  return {
    code: codes.noEffect,
    level: "Warning",
    about: { type, namespace, name },
    path,
    position: about.origin.locate(path),
    message: `${what} has no effect yet${so === undefined ? "" : `: ${so}`}`,
    ...(fix === undefined ? {} : { fix }),
  };
}

/** Steps of a pattern. A label's name may hold dots: it is the rest after `metadata.labels.`. */
function steps(field: string): readonly string[] {
  const metadata = /^metadata\.(labels|annotations)\.(.+)$/.exec(field);
  if (metadata) return ["metadata", metadata[1] as string, metadata[2] as string];
  return field.split(".").flatMap((step) => (step.endsWith("[]") ? [step.slice(0, -2), "[]"] : [step]));
}

/** Every place below a value that a pattern leads to, with what stands there. */
function found(
  value: unknown,
  pattern: readonly string[],
  path: FieldPath = [],
): readonly (readonly [FieldPath, unknown])[] {
  const [step, ...rest] = pattern;
  if (step === undefined) return value === undefined || value === null ? [] : [[path, value]];
  if (step === "[]")
    return Array.isArray(value) ? value.flatMap((each, index) => found(each, rest, [...path, index])) : [];
  return found(at(value, [step]), rest, [...path, step]);
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, step)
        ? (inner as Readonly<Record<string, unknown>>)[step]
        : undefined,
    value,
  );
}

function claims(headers: unknown): boolean {
  return Object.keys((headers ?? {}) as object).some((name) => name.toLowerCase().startsWith("@request.auth.claims"));
}
