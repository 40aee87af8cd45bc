import type { Peer } from "../discovery/discovery.ts";
import type { RateLimitSpec } from "../gen/weft/rate-limit.ts";
import type { Counters } from "../limits/bucket.ts";
import { memoryCounters } from "../limits/memory.ts";
import { redisCounters } from "../limits/redis.ts";
import { SHOULD_RATE_LIMIT, shouldRateLimit } from "../limits/service.ts";
import { get, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { meshConfigRef } from "../plan/mesh.ts";
import { type CommonLimit, commonLimit } from "../plan/policy/rate-limit.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { ControlPlaneMetrics } from "../telemetry/control-plane.ts";
import { GRPC } from "../xds/grpc.ts";
import type { StreamRequest, XdsServerOptions } from "../xds/server.ts";
import type { UnaryMethod } from "../xds/unary.ts";

/** Where requests are counted for the whole mesh: in the Redis at `url`, else in this process. */
export function countersAt(url: string | undefined, clock: Clock, log: Log): Counters {
  if (url === undefined) return memoryCounters(clock);
  return redisCounters({
    url,
    onChange: ({ reachable, error }) =>
      reachable
        ? log.info("rate limits are counted in Redis")
        : log.error("the Redis of rate limits is away", { error }),
  });
}

export interface RateLimitOptions {
  readonly counters: Counters;
  /** What the mesh's objects say now. */
  readonly snapshot: () => Snapshot;
  readonly authenticate: XdsServerOptions<Peer>["authenticate"];
  readonly metrics: ControlPlaneMetrics;
}

/** The method that proxies ask for limits of scope Global. Whoever asks is known by its identity, and may ask for limits that can cover it. */
export function rateLimitMethod(options: RateLimitOptions): readonly [string, UnaryMethod<StreamRequest>] {
  const { counters, authenticate, metrics } = options;
  return [
    SHOULD_RATE_LIMIT,
    async (message, request) => {
      const caller = await authenticate(request);
      if ("refusal" in caller) return caller.refusal;
      const own = caller.peer.identity?.namespace;
      const snapshot = options.snapshot();
      const limitOf = (rule: string) => {
        const [namespace = ""] = rule.split("/", 1);
        const mayAsk = own === undefined || namespace === own || namespace === rootNamespace(snapshot);
        return mayAsk ? limitIn(snapshot, rule) : undefined;
      };
      try {
        return await shouldRateLimit(message, { counters, limitOf, counted: metrics.limited });
      } catch (error) {
        metrics.limited("", "error");
        return { status: GRPC.unavailable, message: `requests cannot be counted: ${(error as Error).message}` };
      }
    },
  ];
}

function rootNamespace(snapshot: Snapshot): string {
  const config = get(snapshot, meshConfigRef)?.spec as { readonly rootNamespace?: string } | undefined;
  return config?.rootNamespace ?? "istio-system";
}

function limitIn(snapshot: Snapshot, rule: string): CommonLimit | undefined {
  const [namespace = "", name = "", part = ""] = rule.split("/");
  const found = get(snapshot, { type: types.RateLimit, namespace, name });
  return found === undefined ? undefined : commonLimit(found.spec as RateLimitSpec, part);
}
