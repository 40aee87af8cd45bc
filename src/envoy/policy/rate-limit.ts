import { create } from "@bufbuild/protobuf";
import { ApiVersion } from "../../gen/envoy/config/core/v3/config_source_pb.js";
import { type RateLimit, RateLimitSchema } from "../../gen/envoy/config/route/v3/route_components_pb.js";
import { XRateLimitHeadersRFCVersion } from "../../gen/envoy/extensions/common/ratelimit/v3/ratelimit_pb.js";
import { LocalRateLimitSchema } from "../../gen/envoy/extensions/filters/http/local_ratelimit/v3/local_rate_limit_pb.js";
import {
  RateLimit_XRateLimitHeadersRFCVersion as CommonHeaders,
  RateLimitSchema as CommonRateLimitSchema,
} from "../../gen/envoy/extensions/filters/http/ratelimit/v3/rate_limit_pb.js";
import { StatusCode } from "../../gen/envoy/type/v3/http_status_pb.js";
import { FractionalPercent_DenominatorType as Denominator } from "../../gen/envoy/type/v3/percent_pb.js";
import type { RateLimitPlan, Tokens } from "../../plan/policy/rate-limit.ts";
import { duration, packed } from "../any.ts";
import type { NamedFilter } from "../filter-chain.ts";
import { descriptorEntries } from "./rate-limit-descriptor.ts";

/** How many buckets of one rule a proxy remembers; beyond that it forgets the one that was not used for longest. */
const maxBuckets = 10_000;

/** How long the common counters may take. */
const patienceMs = 250;

/** The header that tells which rule refused: `default/reviews/per-user`. */
const whyHeader = "x-weft-rate-limit";

/** A filter for each rule that the proxy counts by itself, then one or two that ask the mesh's counters for all the others at once. */
export function rateLimitFilters(rules: readonly RateLimitPlan[]): readonly NamedFilter[] {
  const asked = (failOpen: boolean) =>
    rules.filter(({ counted }) => counted.by === "mesh" && counted.failOpen === failOpen);
  return [
    ...rules.flatMap((rule) => (rule.counted.by === "proxy" ? [localFilter(rule, rule.counted)] : [])),
    ...[false, true].flatMap((failOpen) =>
      asked(failOpen).length === 0 ? [] : [commonFilter(asked(failOpen), failOpen)],
    ),
  ];
}

function localFilter(rule: RateLimitPlan, { max, perFill, fillMs }: Tokens): NamedFilter {
  const entries = descriptorEntries(rule).map(({ key, value = "" }) => ({ key, value }));
  const always = { numerator: 100, denominator: Denominator.HUNDRED };
  const never = { numerator: 0, denominator: Denominator.HUNDRED };
  return {
    name: `rate-limit ${rule.id}`,
    config: packed(LocalRateLimitSchema, {
      statPrefix: `rate_limit.${rule.id}`,
      filterEnabled: { defaultValue: always },
      filterEnforced: { defaultValue: rule.dryRun ? never : always },
      rateLimits: [rateLimit(rule)],
      descriptors: [
        { entries, tokenBucket: { maxTokens: max, tokensPerFill: perFill, fillInterval: duration(fillMs) } },
      ],
      maxDynamicDescriptors: maxBuckets,
      alwaysConsumeDefaultTokenBucket: false,
      rateLimitedAsResourceExhausted: true,
      ...(rule.dryRun
        ? {}
        : {
            enableXRatelimitHeaders: XRateLimitHeadersRFCVersion.DRAFT_VERSION_03,
            enableRetryAfterHeader: true,
            responseHeadersToAdd: [{ header: { key: whyHeader, value: rule.id } }],
          }),
    }),
  };
}

/** The mesh's counters are at the control plane, over the connection that the proxy has already. */
function commonFilter(rules: readonly RateLimitPlan[], failOpen: boolean): NamedFilter {
  return {
    name: `rate-limit-service-${failOpen ? "open" : "closed"}`,
    config: packed(CommonRateLimitSchema, {
      domain: "weft",
      timeout: duration(patienceMs),
      failureModeDeny: !failOpen,
      statusOnError: { code: StatusCode.ServiceUnavailable },
      rateLimits: rules.map(rateLimit),
      rateLimitedAsResourceExhausted: true,
      enableXRatelimitHeaders: CommonHeaders.DRAFT_VERSION_03,
      rateLimitService: {
        grpcService: { targetSpecifier: { case: "envoyGrpc", value: { clusterName: "xds-grpc" } } },
        transportApiVersion: ApiVersion.V3,
      },
    }),
  };
}

function rateLimit(rule: RateLimitPlan): RateLimit {
  return create(RateLimitSchema, { actions: descriptorEntries(rule).map(({ action }) => action) });
}
