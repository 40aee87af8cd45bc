import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { RateLimitDescriptor } from "../gen/envoy/extensions/common/ratelimit/v3/ratelimit_pb.js";
import {
  RateLimitResponse_Code as Code,
  RateLimitRequestSchema,
  type RateLimitResponse,
  RateLimitResponseSchema,
  RateLimitResponse_DescriptorStatusSchema as StatusSchema,
  RateLimitResponse_RateLimit_Unit as Unit,
} from "../gen/envoy/service/ratelimit/v3/rls_pb.js";
import { hash } from "../std/hash.ts";
import type { Bucket, Counters, Taken } from "./bucket.ts";

/** The method of Envoy's rate limit protocol, version 3. */
export const SHOULD_RATE_LIMIT = "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit";

/** A limit that is counted for the whole mesh. */
export interface Limit {
  readonly requests: number;
  readonly unit: keyof typeof units;
  readonly unitMs: number;
  readonly burst: number;
  /** It is counted, and refuses nothing. */
  readonly dryRun: boolean;
}

export interface RateLimitService {
  readonly counters: Counters;
  /** What a rule says now (`default/reviews/per-user`); undefined where there is none, or where this caller has no business with it. */
  limitOf(rule: string): Limit | undefined;
  /** What became of a request at a rule. */
  counted(rule: string, outcome: "allowed" | "limited" | "dry_run_limited"): void;
}

const units = { Second: Unit.SECOND, Minute: Unit.MINUTE, Hour: Unit.HOUR, Day: Unit.DAY } as const;

/** The entry of a descriptor that names its rule. Entries that begin with `if-` say only that a condition held. */
const ruleEntry = "rule";

/** Answers one request of a proxy. Rejects for bytes that are no such request, and where the counters cannot be reached. */
export async function shouldRateLimit(message: Uint8Array, service: RateLimitService): Promise<Uint8Array> {
  const { descriptors } = fromBinary(RateLimitRequestSchema, message);
  const asked = descriptors.map((descriptor) => demand(descriptor, service));
  const known = asked.flatMap((one) => one ?? []);
  const taken = known.length === 0 ? [] : await service.counters.take(known.map(bucketOf));
  const results = new Map(known.map((one, i) => [one, taken[i] as Taken]));
  for (const [{ rule, limit }, { allowed }] of results)
    service.counted(rule, allowed ? "allowed" : limit.dryRun ? "dry_run_limited" : "limited");
  return toBinary(RateLimitResponseSchema, response(asked, results));
}

interface Demand {
  readonly rule: string;
  readonly key: string;
  readonly limit: Limit;
}

function demand({ entries }: RateLimitDescriptor, { limitOf }: RateLimitService): Demand | undefined {
  const rule = entries.find(({ key }) => key === ruleEntry)?.value ?? "";
  const limit = limitOf(rule);
  if (limit === undefined) return undefined;
  const values = entries.filter(({ key }) => key !== ruleEntry && !key.startsWith("if-"));
  return { rule, key: keyOf(rule, values), limit };
}

/** Values are their senders': as they are while they are short, else by their digest, so that a key has a bounded length. */
function keyOf(rule: string, values: readonly { readonly key: string; readonly value: string }[]): string {
  const said = values.map(({ key, value }) => `${key}=${encodeURIComponent(value)}`).join("&");
  return `${rule}?${said.length <= 200 ? said : `#${hash(said)}`}`;
}

function bucketOf({ key, limit }: Demand): Bucket {
  return { key, intervalMs: limit.unitMs / limit.requests, burst: limit.burst, binding: !limit.dryRun };
}

function response(asked: readonly (Demand | undefined)[], results: ReadonlyMap<Demand, Taken>): RateLimitResponse {
  const refusing = [...results].filter(([{ limit }, { allowed }]) => !allowed && !limit.dryRun);
  const [why] = refusing.sort(([, a], [, b]) => b.waitMs - a.waitMs);
  const header = (key: string, value: string) => ({ key, value });
  return create(RateLimitResponseSchema, {
    overallCode: why === undefined ? Code.OK : Code.OVER_LIMIT,
    statuses: asked.map((one) => status(one, one && results.get(one))),
    responseHeadersToAdd:
      why === undefined
        ? []
        : [
            header("x-weft-rate-limit", why[0].rule),
            header("retry-after", `${Math.max(1, Math.ceil(why[1].waitMs / 1000))}`),
          ],
  });
}

function status(demand: Demand | undefined, taken: Taken | undefined) {
  if (demand === undefined || taken === undefined || demand.limit.dryRun)
    return create(StatusSchema, { code: Code.OK });
  const { requests, unit } = demand.limit;
  const waitMs = Math.ceil(taken.waitMs);
  return create(StatusSchema, {
    code: taken.allowed ? Code.OK : Code.OVER_LIMIT,
    currentLimit: { requestsPerUnit: requests, unit: units[unit], name: demand.rule },
    limitRemaining: taken.remaining,
    durationUntilReset: { seconds: BigInt(Math.trunc(waitMs / 1000)), nanos: (waitMs % 1000) * 1_000_000 },
  });
}
