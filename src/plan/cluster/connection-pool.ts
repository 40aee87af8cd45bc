import type { ConnectionPoolSettings, RetryBudget, TcpKeepalive } from "../../gen/istio/destination-rule.ts";
import type { MeshConfigSpec } from "../../gen/istio/mesh-config.ts";
import { durationMs } from "../mesh.ts";

/** Limits of a cluster's connections. What is absent has no limit. Times in milliseconds. */
export interface ConnectionPoolPlan {
  readonly connectTimeoutMs: number;
  readonly maxConnections?: number;
  readonly maxPendingRequests?: number;
  readonly maxRequests?: number;
  readonly maxRetries?: number;
  readonly maxRequestsPerConnection?: number;
  readonly maxConcurrentStreams?: number;
  readonly idleTimeoutMs?: number;
  readonly maxConnectionDurationMs?: number;
  readonly keepalive?: { readonly timeMs?: number; readonly intervalMs?: number; readonly probes?: number };
  readonly http2Ping?: { readonly intervalMs?: number; readonly timeoutMs?: number };
  readonly retryBudget?: { readonly percent: number; readonly minConcurrency: number; readonly intervalMs?: number };
}

/** What the rule's connectionPool and retryBudget say. As in Istio 0 means unset. `mesh` is MeshConfig as written. */
export function connectionPool(
  settings: ConnectionPoolSettings | undefined,
  budget: RetryBudget | undefined,
  mesh: { readonly connectTimeoutMs: number; readonly raw: MeshConfigSpec },
): ConnectionPoolPlan {
  const { tcp = {}, http = {} } = settings ?? {};
  const keepalive = keepalivePlan(tcp.tcpKeepalive ?? mesh.raw.tcpKeepalive);
  return compact({
    connectTimeoutMs: ms(tcp.connectTimeout) ?? mesh.connectTimeoutMs,
    maxConnections: positive(tcp.maxConnections),
    maxPendingRequests: positive(http.http1MaxPendingRequests),
    maxRequests: positive(http.http2MaxRequests),
    maxRetries: positive(http.maxRetries),
    maxRequestsPerConnection: positive(http.maxRequestsPerConnection),
    maxConcurrentStreams: positive(http.maxConcurrentStreams),
    idleTimeoutMs: ms(http.idleTimeout) ?? ms(tcp.idleTimeout),
    maxConnectionDurationMs: ms(tcp.maxConnectionDuration),
    keepalive,
    http2Ping:
      http.http2KeepAlive &&
      compact({ intervalMs: ms(http.http2KeepAlive.interval), timeoutMs: ms(http.http2KeepAlive.timeout) }),
    retryBudget:
      budget &&
      compact({
        percent: budget.percent ?? 20,
        minConcurrency: budget.minRetryConcurrency ?? 3,
        intervalMs: ms(budget.budgetInterval),
      }),
  }) as ConnectionPoolPlan;
}

function keepalivePlan(said: TcpKeepalive | undefined): ConnectionPoolPlan["keepalive"] {
  return (
    said &&
    (compact({
      timeMs: ms(said.time),
      intervalMs: ms(said.interval),
      probes: positive(said.probes),
    }) as ConnectionPoolPlan["keepalive"])
  );
}

function ms(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : durationMs(duration);
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function compact(value: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined));
}
