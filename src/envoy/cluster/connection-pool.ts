import { create } from "@bufbuild/protobuf";
import { type CircuitBreakers, CircuitBreakersSchema } from "../../gen/envoy/config/cluster/v3/circuit_breaker_pb.js";
import type { ClusterSchema } from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import type { ConnectionPoolPlan } from "../../plan/cluster/connection-pool.ts";
import { duration } from "../any.ts";
import type { Init } from "../init.ts";

const unlimited = 0xffffffff;

/** Limits of the cluster. Envoy's own defaults (1,024, and 3 retries) are lifted, as in Istio: what nobody set does not limit. */
export function circuitBreakers(pool: ConnectionPoolPlan): CircuitBreakers {
  const { maxConnections, maxPendingRequests, maxRequests, maxRetries, retryBudget } = pool;
  const said = maxConnections ?? maxPendingRequests ?? maxRequests ?? maxRetries ?? retryBudget;
  return said === undefined ? withoutLimit : limits(pool);
}

function limits(pool: ConnectionPoolPlan): CircuitBreakers {
  const { retryBudget } = pool;
  return create(CircuitBreakersSchema, {
    thresholds: [
      {
        maxConnections: pool.maxConnections ?? unlimited,
        maxPendingRequests: pool.maxPendingRequests ?? unlimited,
        maxRequests: pool.maxRequests ?? unlimited,
        maxRetries: pool.maxRetries ?? unlimited,
        trackRemaining: true,
        ...(retryBudget === undefined
          ? {}
          : {
              retryBudget: {
                budgetPercent: { value: retryBudget.percent },
                minRetryConcurrency: retryBudget.minConcurrency,
                ...(retryBudget.intervalMs === undefined ? {} : { budgetInterval: duration(retryBudget.intervalMs) }),
              },
            }),
      },
    ],
  });
}

// Shared by all clusters without a limit of their own.
const withoutLimit = limits({ connectTimeoutMs: 0 });

/** TCP keepalive of the cluster's connections. */
export function upstreamConnectionOptions(pool: ConnectionPoolPlan): Init<typeof ClusterSchema> {
  const { keepalive } = pool;
  if (keepalive === undefined) return {};
  return {
    upstreamConnectionOptions: {
      tcpKeepalive: {
        ...(keepalive.probes === undefined ? {} : { keepaliveProbes: keepalive.probes }),
        ...(keepalive.timeMs === undefined ? {} : { keepaliveTime: seconds(keepalive.timeMs) }),
        ...(keepalive.intervalMs === undefined ? {} : { keepaliveInterval: seconds(keepalive.intervalMs) }),
      },
    },
  };
}

/** The kernel counts in whole seconds. */
function seconds(ms: number): number {
  return Math.max(1, Math.round(ms / 1000));
}
