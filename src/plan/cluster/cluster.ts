import type { Scope, Step } from "../../track/scope.ts";
import { clusterName } from "../cluster-name.ts";
import { backendTls, hasBackendTls } from "../gateway-api/backend-tls.ts";
import { durationMs, type Mesh, mesh } from "../mesh.ts";
import { endpointsKey } from "../registry/endpoints.ts";
import { serviceIndex } from "../registry/service-index.ts";
import { serviceFor } from "../registry.ts";
import type { Service, ServicePort } from "../service.ts";
import { parseView, type View, viewerOf, viewKey } from "../view.ts";
import { arrange, inSubset, isComplete, type LocalityGroup } from "./arrangement.ts";
import { type ConnectionPoolPlan, connectionPool } from "./connection-pool.ts";
import { type MergedDestinationRule, mergedRule, ruleKey, ruleRefs } from "./destination-rule.ts";
import { hasFallback } from "./fallback.ts";
import { gatewayBufferBytes } from "./gateway-buffer.ts";
import { type HttpProtocol, httpWay } from "./http-protocol.ts";
import { type Identities, serviceIdentities } from "./identities.ts";
import { type LoadBalancerPlan, loadBalancer } from "./load-balancer.ts";
import { type LocalityPlan, localityPlan, nowhere } from "./locality.ts";
import { endpointsWithMtls } from "./mtls.ts";
import { type OutlierPlan, outlierDetection } from "./outlier-detection.ts";
import { statName } from "./stat-name.ts";
import { backendTlsPlan, type TlsPlan, tlsPlan } from "./tls.ts";
import { type PortPolicy, portPolicy } from "./traffic-policy.ts";
import { unreadAtEndpoints } from "./unread.ts";

/** A service's port, or a subset of it, as proxies call it. */
export interface ClusterPlan {
  /** `outbound|9080|v1|reviews.default.svc.cluster.local`. */
  readonly name: string;
  readonly service: {
    readonly host: string;
    readonly name: string;
    readonly namespace: string;
    readonly external: boolean;
  };
  readonly port: number;
  /** Empty for all endpoints. */
  readonly subset: string;
  readonly discovery: Discovery;
  readonly http: HttpProtocol;
  /** Names of HTTP/1.1 headers stay as they are written. */
  readonly preserveCase?: true;
  readonly loadBalancer: LoadBalancerPlan;
  readonly pool: ConnectionPoolPlan;
  readonly outlier?: OutlierPlan;
  readonly tls: TlsPlan;
  readonly proxyProtocol?: "V1" | "V2";
  /** Its servers' proxies pass its HTTP, of this version, on without reading it. */
  readonly unread?: "http1" | "http2";
  readonly locality?: LocalityPlan;
  /** It keeps all of its traffic while a single endpoint is healthy: what it falls back to is for when none is. (Localities that stand in for each other still share it.) */
  readonly undivided?: boolean;
  /** How many bytes wait in one of its connections until its proxy reads no more; the proxy's own choice where absent. */
  readonly bufferBytes?: number;
  /** Its name in statistics, where that is another. */
  readonly statName?: string;
  /** Service first, then the rules: `reviews.yaml:14:1`. */
  readonly origins: readonly string[];
}

/** How the proxy finds endpoints. */
export type Discovery =
  /** The control plane tells: `clusterEndpoints`. */
  | { readonly kind: "eds" }
  /** The proxy resolves their names: every address of all, or one of the one name for each connection. */
  | {
      readonly kind: "strict-dns" | "logical-dns";
      /** How often names are resolved again where the answer's own time to live says nothing. */
      readonly refreshMs: number;
      readonly localities: readonly LocalityGroup[];
    }
  /** The address that was called. */
  | { readonly kind: "original-dst" }
  /** The name that was called, resolved at the first request. */
  | { readonly kind: "forward-proxy" };

/** The key of `outboundCluster`. `subset` is empty for the whole service. */
export function outboundClusterKey(view: View, host: string, port: number, subset: string): string {
  return JSON.stringify([viewKey(view), host, port, subset]);
}

/** What a view calls by a host, port and subset; undefined when there is no such service, port or subset. Key: `outboundClusterKey`. */
export const outboundCluster: Step<ClusterPlan | undefined> = {
  name: "plan/outboundCluster",
  run: (scope, key) => {
    const [view, host, port, subset] = JSON.parse(key) as [string, string, number, string];
    const parsed = parseView(view);
    const service = scope.ask(serviceFor, `${viewerOf(parsed)}|${host}`);
    return service === undefined
      ? undefined
      : scope.ask(clusterPlan, sharedClusterKey(scope, parsed, service, port, subset));
  },
};

/** The key of `clusterPlan` for a view's calls: views that the same rules hold for have the same. */
export function sharedClusterKey(scope: Scope, view: View, service: Service, port: number, subset: string): string {
  return clusterKeyOf(shownTo(scope, view, service), service, port, subset, ruleKey(ruleRefs(scope, view, service)));
}

/** Keys of `clusterPlan` of a service for a view: each port, whole and by subset. Ports of UDP are not the mesh's. */
export function serviceClusterKeys(scope: Scope, view: View, service: Service): readonly string[] {
  const rules = ruleKey(ruleRefs(scope, view, service));
  const client = shownTo(scope, view, service);
  const subsets = rules === "" ? [] : [...(scope.ask(mergedRule, rules)?.subsets.keys() ?? [])];
  return service.ports
    .filter((port) => port.protocol !== "udp")
    .flatMap((port) => ["", ...subsets].map((subset) => clusterKeyOf(client, service, port.number, subset, rules)));
}

/** The part of a view that its cluster of a service depends on beside rules; few services care for a certificate. */
function shownTo(scope: Scope, { kind, clientCertificate: shows }: View, service: Service): ClusterClient {
  return shows !== undefined && hasBackendTls(scope, service) ? { kind, shows } : { kind };
}

interface ClusterClient {
  readonly kind: View["kind"];
  /** Name of the certificate that it shows where a BackendTLSPolicy asks for TLS. */
  readonly shows?: string;
}

function clusterKeyOf(
  { kind, shows }: ClusterClient,
  service: Service,
  port: number,
  subset: string,
  rules: string,
): string {
  const { type, namespace, name, host } = service;
  return JSON.stringify([
    kind,
    type,
    namespace,
    name,
    host,
    port,
    subset,
    rules,
    ...(shows === undefined ? [] : [shows]),
  ]);
}

interface ClusterKey extends ClusterClient {
  readonly service: Pick<Service, "type" | "namespace" | "name" | "host">;
  readonly port: number;
  readonly subset: string;
  /** `ruleKey`; empty without rules. */
  readonly rules: string;
}

export function parseClusterKey(key: string): ClusterKey {
  const [kind, type, namespace, name, host, port, subset, rules, shows] = JSON.parse(key) as [
    View["kind"],
    string,
    string,
    string,
    string,
    number,
    string,
    string,
    string | undefined,
  ];
  return {
    kind,
    ...(shows === undefined ? {} : { shows }),
    service: { type, namespace, name, host },
    port,
    subset,
    rules,
  };
}

/** A cluster for all views that the same rules hold for. Key: `sharedClusterKey`. */
export const clusterPlan: Step<ClusterPlan | undefined> = {
  name: "plan/cluster",
  run: (scope, key) => {
    const parsed = parseClusterKey(key);
    const service = scope.ask(serviceByRef, JSON.stringify(parsed.service));
    const port = service?.ports.find((p) => p.number === parsed.port);
    const rule = parsed.rules === "" ? undefined : scope.ask(mergedRule, parsed.rules);
    if (service === undefined || port === undefined || (parsed.subset !== "" && !rule?.subsets.has(parsed.subset)))
      return undefined;
    const client = { kind: parsed.kind, ...(parsed.shows === undefined ? {} : { shows: parsed.shows }) };
    return plan({ scope, ...client, service, port, subset: parsed.subset, rule, mesh: scope.ask(mesh, "") });
  },
};

/** Labels of a cluster's subset. Key: `sharedClusterKey`. A step of its own: endpoints do not care for the rest of a rule. */
export const subsetLabels: Step<Readonly<Record<string, string>>> = {
  name: "plan/subsetLabels",
  run: (scope, key) => {
    const { rules, subset } = parseClusterKey(key);
    return rules === "" || subset === "" ? {} : (scope.ask(mergedRule, rules)?.subsets.get(subset)?.labels ?? {});
  },
};

/** One service wherever it is seen from. Key: JSON of type, namespace, name, host. */
const serviceByRef: Step<Service | undefined> = {
  name: "plan/serviceByRef",
  run: (scope, key) => {
    const ref = JSON.parse(key) as ClusterKey["service"];
    const named = scope.ask(serviceIndex, "").get(ref.host);
    return named?.find((s) => s.type === ref.type && s.namespace === ref.namespace && s.name === ref.name);
  },
};

interface Input extends ClusterClient {
  readonly scope: Scope;
  readonly service: Service;
  readonly port: ServicePort;
  readonly subset: string;
  readonly rule: MergedDestinationRule | undefined;
  readonly mesh: Mesh;
}

function plan(input: Input): ClusterPlan {
  const { scope, service, port, subset, rule } = input;
  const { raw } = input.mesh;
  const policy = portPolicy(rule, subset, port.number, raw.defaultTrafficPolicy);
  const balancer = loadBalancer(policy.loadBalancer);
  const outlier = outlierDetection(policy.outlierDetection);
  const locality = localityPlan(policy.loadBalancer?.localityLbSetting, service, raw, outlier !== undefined);
  const discovery = discoveryOf(input, balancer);
  const known = scope.ask(serviceIdentities, endpointsKey(service, port.number));
  const tls = tlsOf(input, policy, discovery, known);
  // HTTP/2 knows lower case alone.
  const preserveCase = raw.defaultConfig?.proxyHeaders?.preserveHttp1HeaderCase === true;
  const peers = tls.kind === "mesh" && (!tls.auto || known.allMtls);
  const spoken = {
    protocol: port.protocol,
    pool: policy.connectionPool,
    mesh: raw,
    kind: input.kind,
    peers: peers && !preserveCase,
  };
  const unread = peers ? scope.ask(unreadAtEndpoints, endpointsKey(service, port.number)) : undefined;
  const counted = statName(raw.outboundClusterStatName, { service, port, subset });
  return {
    name: clusterName("outbound", port.number, subset, service.host),
    service: { host: service.host, name: service.name, namespace: service.namespace, external: service.external },
    port: port.number,
    subset,
    discovery: tls.kind === "closed" ? { kind: "eds" } : discovery,
    ...httpWay(spoken, unread),
    ...(preserveCase ? { preserveCase } : {}),
    loadBalancer: discovery.kind === "original-dst" ? { kind: "passthrough" } : balancer,
    pool: connectionPool(policy.connectionPool, policy.retryBudget, input.mesh),
    ...(outlier === undefined ? {} : { outlier }),
    tls,
    ...(policy.proxyProtocol === undefined ? {} : { proxyProtocol: policy.proxyProtocol.version ?? "V1" }),
    ...(locality === undefined ? {} : { locality }),
    ...(hasFallback(scope, service.host) ? { undivided: true } : {}),
    ...(counted === undefined ? {} : { statName: counted }),
    ...(input.kind === "router" ? { bufferBytes: gatewayBufferBytes(raw) } : {}),
    origins: [service.at, ...(rule?.origins ?? [])],
  };
}

function discoveryOf({ scope, kind, service, port, subset, rule, mesh }: Input, balancer: LoadBalancerPlan): Discovery {
  if (service.resolution === "dynamic-dns") return { kind: "forward-proxy" };
  // A headless service's client has picked its endpoint; a gateway's has not.
  const picked = service.resolution === "none" || (service.headless && kind === "sidecar");
  if (picked || balancer.kind === "passthrough") return { kind: "original-dst" };
  if (service.resolution === "static") return { kind: "eds" };
  const all = scope.ask(endpointsWithMtls, endpointsKey(service, port.number));
  const named = inSubset(all, rule?.subsets.get(subset)?.labels ?? {}).filter(isComplete);
  // One name whose address may change with each connection: only one name can be that.
  const single = service.resolution === "dns-round-robin" || service.racesAddresses === true;
  const found = single && named.length === 1 ? "logical-dns" : "strict-dns";
  const said = mesh.raw.dnsRefreshRate;
  const refreshMs = (said === undefined ? undefined : durationMs(said)) ?? 60_000;
  return { kind: found, refreshMs, localities: arrange(named, undefined, nowhere) };
}

function tlsOf(input: Input, policy: PortPolicy, discovery: Discovery, known: Identities): TlsPlan {
  const { scope, service, port, subset, rule } = input;
  // A DestinationRule that speaks of TLS is the nearer word.
  const asked = policy.tls === undefined ? backendTls(scope, service, port.name) : undefined;
  if (asked !== undefined) return backendTlsPlan(asked, input.shows, input.mesh.raw.tlsDefaults ?? {});
  const said = service.subjectAltNames.map((exact) => ({ exact }));
  return tlsPlan({
    settings: policy.tls,
    service,
    defaults: input.mesh.raw.tlsDefaults ?? {},
    autoMtls: input.mesh.enableAutoMtls,
    perEndpoint: discovery.kind === "eds" || discovery.kind === "strict-dns" || discovery.kind === "logical-dns",
    allMtls: known.some && known.allMtls,
    sni: `outbound_.${port.number}_.${subset}_.${service.host}`,
    identities: said.length === 0 ? known.identities : [...said, ...known.identities.filter((i) => "exact" in i)],
    secretsAllowed: input.kind === "router" || rule?.selective === true,
  });
}
