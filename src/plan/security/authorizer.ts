import type {
  ExtensionProviderEnvoyExtAuthzGrpcIncludeRequestBodyInCheck as Body,
  ExtensionProvider,
  ExtensionProviderEnvoyExtAuthzHttp as HttpProvider,
  MeshConfigSpec,
} from "../../gen/istio/mesh-config.ts";
import type { Scope } from "../../track/scope.ts";
import { clusterName } from "../cluster-name.ts";
import { durationMs, mesh } from "../mesh.ts";
import { servicesNamed } from "../registry/service-index.ts";
import { serviceFor } from "../registry.ts";
import { parseViewer } from "../view.ts";

/** A service that is asked whether a request may pass, and how. */
export type AuthorizerPlan = Asked & ({ readonly kind: "grpc" } | ({ readonly kind: "http" } & HttpWords));

interface Asked {
  readonly host: string;
  readonly cluster: string;
  readonly timeoutMs: number;
  /** Whether requests pass while it cannot be asked. */
  readonly failOpen: boolean;
  /** Status of what is refused because it could not be asked; absent: 403. */
  readonly statusOnError?: number;
  /** Its answer may change which route a request takes. */
  readonly clearRouteCache: boolean;
  /** How much of a request's body it gets. */
  readonly body?: { readonly maxBytes: number; readonly partial: boolean; readonly asBytes: boolean };
}

/** Names of headers may begin or end with `*`; their case does not count. */
interface HttpWords {
  readonly pathPrefix: string;
  readonly requestHeaders: readonly string[];
  readonly addedHeaders: Readonly<Record<string, string>>;
  readonly toUpstreamOnAllow: readonly string[];
  readonly toDownstreamOnDeny: readonly string[];
  readonly toDownstreamOnAllow: readonly string[];
}

/** Why a provider cannot be asked. */
export interface Unusable {
  readonly problem: string;
}

/** Istio's: long enough for a timeout of the provider's own routes or DestinationRule to come first. */
const defaultTimeoutMs = 600_000;

/** A provider of MeshConfig, as a proxy can ask it. `viewer`: whose services it may call (`viewerOf`). */
export function authorizerOf(scope: Scope, viewer: string, name: string): AuthorizerPlan | Unusable {
  const named = (scope.ask(mesh, "").raw.extensionProviders ?? []).filter((p) => p.name === name && isAuthorizer(p));
  const [provider, ...others] = named;
  if (provider === undefined || name === "")
    return { problem: `MeshConfig has no extension provider "${name}" that can be asked for authorization` };
  if (others.length > 0) return { problem: `MeshConfig has several extension providers "${name}"` };
  const { envoyExtAuthzGrpc: grpc, envoyExtAuthzHttp: http } = provider;
  const said: NonNullable<typeof grpc | typeof http> = grpc ?? http ?? {};
  const found = serviceOf(scope, viewer, said.service ?? "", said.port ?? 0);
  if ("problem" in found) return found;
  const bad = badWord(said) ?? (http === undefined ? undefined : badHttpWord(http));
  if (bad !== undefined) return { problem: bad };
  const asked: Asked = {
    ...found,
    timeoutMs: durationMs(said.timeout ?? "") ?? defaultTimeoutMs,
    failOpen: said.failOpen === true,
    ...(said.statusOnError ? { statusOnError: Number(said.statusOnError) } : {}),
    clearRouteCache: said.clearRouteCache === true,
    ...bodyOf(said.includeRequestBodyInCheck),
  };
  return http === undefined ? { ...asked, kind: "grpc" } : { ...asked, kind: "http", ...wordsOf(http) };
}

/** Names of the providers that can be asked of connections, too, whoever asks them; sorted. */
export function connectionAuthorizers({ extensionProviders = [] }: MeshConfigSpec): readonly string[] {
  const names = extensionProviders.flatMap((p) => (p.envoyExtAuthzGrpc && p.name ? [p.name] : []));
  return [...new Set(names)].sort();
}

/** Whether there are providers that can be asked of requests alone. */
export function asksOverHttp({ extensionProviders = [] }: MeshConfigSpec): boolean {
  return extensionProviders.some(({ envoyExtAuthzHttp }) => envoyExtAuthzHttp !== undefined);
}

/** Hosts of all that may be asked: a proxy does not wait for a request to have their clusters. */
export function authorizerHosts({ extensionProviders = [] }: MeshConfigSpec): readonly string[] {
  return extensionProviders.flatMap(({ envoyExtAuthzGrpc: grpc, envoyExtAuthzHttp: http }) => {
    const service = (grpc ?? http)?.service;
    return service === undefined ? [] : [hostOf(service)];
  });
}

function isAuthorizer(provider: ExtensionProvider): boolean {
  return provider.envoyExtAuthzGrpc !== undefined || provider.envoyExtAuthzHttp !== undefined;
}

/** `ext-authz.foo.svc.cluster.local`, or `foo/ext-authz.example.com` where several namespaces have the host. */
function serviceOf(
  scope: Scope,
  viewer: string,
  named: string,
  port: number,
): { host: string; cluster: string } | Unusable {
  const host = hostOf(named);
  const slash = named.indexOf("/");
  const all = scope.ask(servicesNamed, host).filter((s) => slash < 0 || s.namespace === named.slice(0, slash));
  if (all.length === 0) return { problem: `there is no service "${named}"` };
  const seen = scope.ask(serviceFor, `${viewer}|${host}`);
  if (seen === undefined || !all.some((s) => s.namespace === seen.namespace))
    return { problem: `the service "${named}" is not visible in namespace "${parseViewer(viewer).namespace}"` };
  if (!seen.ports.some((p) => p.number === port && p.protocol !== "udp"))
    return { problem: `the service "${named}" has no port ${port}` };
  return { host, cluster: clusterName("outbound", port, "", host) };
}

function hostOf(named: string): string {
  return named.slice(named.indexOf("/") + 1).toLowerCase();
}

/** Statuses that a proxy may answer with. */
const statuses = [
  ...[100, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 307, 308, 400, 401, 402],
  ...[403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 423, 424, 426, 428, 429],
  ...[431, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511],
];

function badWord({ statusOnError, includeRequestBodyInCheck: body, timeout }: Common): string | undefined {
  if (statusOnError && !statuses.includes(Number(statusOnError)))
    return `statusOnError "${statusOnError}" is no status of HTTP`;
  if (body !== undefined && !((body.maxRequestBytes ?? 0) > 0))
    return "includeRequestBodyInCheck.maxRequestBytes must be more than 0";
  return timeout && !((durationMs(timeout) ?? 0) > 0) ? `timeout "${timeout}" is no duration` : undefined;
}

type Common = Pick<HttpProvider, "statusOnError" | "includeRequestBodyInCheck" | "timeout">;

function badHttpWord(http: HttpProvider): string | undefined {
  if (http.pathPrefix && !http.pathPrefix.startsWith("/"))
    return `pathPrefix "${http.pathPrefix}" does not begin with /`;
  const lists = [
    ...[http.includeRequestHeadersInCheck, http.includeHeadersInCheck, http.headersToUpstreamOnAllow],
    ...[http.headersToDownstreamOnDeny, http.headersToDownstreamOnAllow],
  ];
  return lists.some((list) => list?.includes("*")) ? 'a header "*" names none; write a prefix or a suffix' : undefined;
}

function bodyOf(body: Body | undefined): Pick<Asked, "body"> {
  if (body === undefined) return {};
  const { maxRequestBytes = 0, allowPartialMessage, packAsBytes } = body;
  return { body: { maxBytes: maxRequestBytes, partial: allowPartialMessage === true, asBytes: packAsBytes === true } };
}

function wordsOf(http: HttpProvider): HttpWords {
  const { includeRequestHeadersInCheck: asked = [], includeHeadersInCheck: old = [] } = http;
  return {
    pathPrefix: http.pathPrefix ?? "",
    requestHeaders: asked.length > 0 ? asked : old,
    addedHeaders: http.includeAdditionalHeadersInCheck ?? {},
    toUpstreamOnAllow: http.headersToUpstreamOnAllow ?? [],
    toDownstreamOnDeny: http.headersToDownstreamOnDeny ?? [],
    toDownstreamOnAllow: http.headersToDownstreamOnAllow ?? [],
  };
}
