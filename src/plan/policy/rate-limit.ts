import type { RateLimitDimension, RateLimitMatch, RateLimitRule, RateLimitSpec } from "../../gen/weft/rate-limit.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Step } from "../../track/scope.ts";
import { covering, type PolicyKey } from "./workload.ts";

/** How many requests a workload or gateway takes. */
export interface RateLimits {
  /** A request must find room in each that it matches; those of the workload's own policies come first. */
  readonly rules: readonly RateLimitPlan[];
  readonly origins: readonly string[];
}

/** One rule. */
export interface RateLimitPlan {
  /** `default/reviews/per-user`: namespace, object, rule. */
  readonly id: string;
  /** Absent: all requests. */
  readonly match?: RateLimitMatch;
  /** Each combination of their values has a bucket of its own. */
  readonly per: readonly RateLimitDimension[];
  /** Who counts: each proxy, or the mesh's counters, which also know how many. */
  readonly counted: Tokens | CommonCounters;
  /** Nothing is refused. */
  readonly dryRun: boolean;
}

/** A bucket that fills evenly and holds `max`. */
export interface Tokens {
  readonly by: "proxy";
  readonly max: number;
  readonly perFill: number;
  readonly fillMs: number;
}

export interface CommonCounters {
  readonly by: "mesh";
  /** Whether requests pass where the counters cannot be asked. */
  readonly failOpen: boolean;
}

const unitMs = { Second: 1000, Minute: 60_000, Hour: 3_600_000, Day: 86_400_000 } as const;

/** The limits of a workload, of all RateLimits that cover it. Key: JSON of `PolicyKey`. */
export const rateLimits: Step<RateLimits> = {
  name: "plan/rateLimits",
  run: (scope, key) => {
    const policies = covering<RateLimitSpec>(scope, types.RateLimit, JSON.parse(key) as PolicyKey);
    return {
      rules: policies.flatMap((policy) => policy.spec.rules.map((rule) => rulePlan(policy, rule))),
      origins: policies.map((policy) => policy.origin.at),
    };
  },
};

function rulePlan({ namespace, name, spec }: Resource<RateLimitSpec>, rule: RateLimitRule): RateLimitPlan {
  const common = spec.scope === "Global";
  return {
    id: `${namespace}/${name}/${rule.name}`,
    ...(rule.match === undefined ? {} : { match: rule.match }),
    per: rule.per ?? [],
    counted: common ? { by: "mesh", failOpen: spec.failOpen ?? true } : tokens(rule),
    // Common counters know of it themselves: it must not change what proxies are told.
    dryRun: !common && spec.dryRun === true,
  };
}

function tokens({ limit }: RateLimitRule): Tokens {
  const { requests, unit, burst } = limit;
  return { by: "proxy", max: burst ?? requests, perFill: requests, fillMs: unitMs[unit] };
}

/** What the common counters must know of a rule. */
export interface CommonLimit {
  readonly requests: number;
  readonly unit: RateLimitRule["limit"]["unit"];
  readonly unitMs: number;
  /** How many may come at once. */
  readonly burst: number;
  readonly dryRun: boolean;
}

/** The limit of a rule of a RateLimit; undefined where it has no such rule, or does not count together. */
export function commonLimit(spec: RateLimitSpec, rule: string): CommonLimit | undefined {
  const found = spec.scope === "Global" ? spec.rules.find(({ name }) => name === rule) : undefined;
  if (found === undefined) return undefined;
  const { requests, unit, burst } = found.limit;
  return { requests, unit, unitMs: unitMs[unit], burst: burst ?? requests, dryRun: spec.dryRun === true };
}
