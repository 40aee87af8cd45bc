import type { EnvoyFilterSpec } from "../../gen/istio/envoy-filter.ts";
import { types } from "../../model/types.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import { extensionsOf } from "../extension/selection.ts";
import { mesh } from "../mesh.ts";
import { filtersFor, patchedProxy } from "../patch/selection.ts";
import { compression } from "../policy/compression.ts";
import { rateLimits } from "../policy/rate-limit.ts";
import { isHttp2, type Protocol } from "../protocol.ts";
import { type HttpSettings, httpSettings } from "../proxy/http-settings.ts";
import { authorization } from "../security/authorization.ts";
import { requestAuthentication } from "../security/request-authentication.ts";
import { accessLogs } from "../telemetry/access-log.ts";
import { learning } from "../telemetry/learn.ts";
import { type MetricName, metrics } from "../telemetry/metrics.ts";
import { taps } from "../telemetry/tap.ts";
import { tracing } from "../telemetry/tracing.ts";

/**
 * Which HTTP of the mesh's own callers a workload's proxy passes on without reading it: nothing that the proxy does there needs a request, and
 * reading costs a quarter of a hop. See docs/adr/0014.
 */
export interface Unread {
  readonly http1: boolean;
  readonly http2: boolean;
}

/** A workload, as far as that depends on it. JSON of it is the key of `unread`. */
interface UnreadKey {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Text of its annotation `proxy.istio.io/config`, where it has one and who asks knows it. */
  readonly annotation?: string;
}

const all: Unread = { http1: true, http2: true };
const none: Unread = { http1: false, http2: false };

/** Key: JSON of `UnreadKey`. */
export const unread: Step<Unread> = {
  name: "plan/unread",
  run: (scope, key) => {
    if (!scope.ask(metricsSaid, "")) return none;
    const { annotation = "", namespace, labels } = JSON.parse(key) as UnreadKey;
    const workload = { namespace, labels };
    const uncounted = unreadByMetrics(scope, JSON.stringify(workload));
    if (!uncounted.http1) return none;
    return isJudged(scope, workload) || isTold(scope, workload, annotation) || isChanged(scope, workload, annotation)
      ? none
      : uncounted;
  },
};

/** Whether anybody says anything of metrics: else all are counted, and no workload need be asked. Key: none. */
export const metricsSaid: Step<boolean> = {
  name: "plan/metricsSaid",
  early: true,
  run: (scope) =>
    scope.ask(mesh, "").raw.defaultProviders?.metrics !== undefined ||
    listAll<{ readonly metrics?: readonly unknown[] }>(scope, types.Telemetry).some(
      ({ spec }) => (spec.metrics?.length ?? 0) > 0,
    ),
};

const ofRequests: readonly MetricName[] = [
  "istio_requests_total",
  "istio_request_duration_milliseconds",
  "istio_request_bytes",
  "istio_response_bytes",
];

const ofMessages: readonly MetricName[] = ["istio_request_messages_total", "istio_response_messages_total"];

function unreadByMetrics(scope: Scope, telemetered: string): Unread {
  const { server } = scope.ask(metrics, telemetered);
  const off = (names: readonly MetricName[]) => names.every((name) => server?.[name]?.off === true);
  return !off(ofRequests) ? none : off(ofMessages) ? all : { http1: true, http2: false };
}

type Workload = Pick<UnreadKey, "namespace" | "labels">;

/**
 * Policies of requests. Those of authorization count even where they speak of connections alone: of bytes only the beginning of a connection
 * is judged, and callers keep theirs for hours; what a policy says shall hold at once.
 */
function isJudged(scope: Scope, workload: Workload): boolean {
  const key = JSON.stringify(workload);
  return (
    scope.ask(authorization, key).origins.length > 0 ||
    scope.ask(requestAuthentication, key).origins.length > 0 ||
    scope.ask(rateLimits, key).origins.length > 0 ||
    scope.ask(compression, key) !== undefined
  );
}

/** Logs and traces of what comes in, for somebody outside. What the control plane keeps itself its callers tell as well. */
function isTold(scope: Scope, workload: Workload, annotation: string): boolean {
  const viewer = workload.namespace;
  const logged = scope.ask(accessLogs, JSON.stringify({ ...workload, viewer }));
  const traced = scope.ask(
    tracing,
    JSON.stringify({ ...workload, viewer, annotation, workload: "", resource: {} }),
  ).server;
  return logged.server !== undefined || (traced !== undefined && traced.tracer.kind !== "own");
}

/** Settings of HTTP that mean something at the server alone; the rest does its caller's proxy, too. */
const atServer: readonly (keyof HttpSettings)[] = [
  ...(["clientCert", "clientCertDetails"] as const),
  ...(["normalizePath", "mergeSlashes", "escapedSlashes", "underscores"] as const),
  ...(["idleMs", "maxConnectionMs", "maxStreamMs", "streamIdleMs", "requestMs", "requestHeadersMs"] as const),
  ...(["maxStreams", "streamWindow", "connectionWindow"] as const),
];

/** What somebody makes of requests in this proxy: settings, extensions, patches. */
function isChanged(scope: Scope, workload: Workload, annotation: string): boolean {
  const settings = scope.ask(httpSettings, JSON.stringify({ kind: "sidecar", annotation }));
  if (atServer.some((name) => settings[name] !== undefined)) return true;
  const proxy = { kind: "sidecar" as const, ...workload, metadata: {} };
  const extends_ = extensionsOf(scope, proxy).some(
    ({ match }) => match.length === 0 || match.some(({ mode }) => mode !== "CLIENT"),
  );
  return extends_ || isPatched(scope, proxy);
}

/** By any patch that may be of its inbound side, whatever it says of the proxy's version and metadata. */
function isPatched(scope: Scope, proxy: Parameters<typeof patchedProxy>[1]): boolean {
  const chosen = patchedProxy(scope, proxy);
  if (chosen === undefined) return false;
  return scope.ask(filtersFor, JSON.stringify(chosen)).some(({ spec }) => (spec.configPatches ?? []).some(isInbound));
}

function isInbound({ match }: NonNullable<EnvoyFilterSpec["configPatches"]>[number]): boolean {
  const context = match?.context ?? "ANY";
  return context === "ANY" || context === "SIDECAR_INBOUND";
}

/**
 * Whether what comes to a port is HTTP that passes unread. gRPC-Web is made gRPC by the server's proxy; and where nobody says what a port carries, callers
 * cannot say that it passes unread, as they offer both versions of HTTP by one name.
 */
export function passesUnread({ http1, http2 }: Unread, protocol: Protocol): boolean {
  return protocol === "http" ? http1 : isHttp2(protocol) && protocol !== "grpc-web" && http2;
}

/**
 * The same for its callers, who speak so that it can: not while somebody watches or learns, to whom the server's proxy tells requests.
 * Key: JSON of `UnreadKey`.
 */
export const unreadByCallers: Step<Unread> = {
  name: "plan/unreadByCallers",
  run: (scope, key) => {
    const passed = scope.ask(unread, key);
    if (!passed.http1) return none;
    return scope.ask(taps, key).length > 0 || scope.ask(learning, key).on ? none : passed;
  },
};
