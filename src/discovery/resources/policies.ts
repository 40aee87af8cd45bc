import { filterChainNamed } from "../../envoy/filter-chain.ts";
import { compressionFilters } from "../../envoy/policy/compression.ts";
import { rateLimitFilters } from "../../envoy/policy/rate-limit.ts";
import { policyChain } from "../../envoy/policy/slot.ts";
import { learnFilter, recordsSlotName } from "../../envoy/telemetry/records.ts";
import { tapFilters } from "../../envoy/telemetry/tap.ts";
import { type TypedExtensionConfig, TypedExtensionConfigSchema } from "../../gen/envoy/config/core/v3/extension_pb.js";
import { compression } from "../../plan/policy/compression.ts";
import { rateLimits } from "../../plan/policy/rate-limit.ts";
import { learning } from "../../plan/telemetry/learn.ts";
import { taps } from "../../plan/telemetry/tap.ts";
import type { Step } from "../../track/scope.ts";
import type { ResourceSet, XdsResource } from "../../xds/resource.ts";
import { encoded, sameResource, sameSet, setOf } from "./encoded.ts";

/** The limits, the compression and what is told of a workload's or gateway's requests: a list of filters each. Key: JSON of `PolicyKey`. */
export const policySet: Step<ResourceSet> = {
  name: "discovery/policies",
  run: (scope, key) =>
    setOf([scope.ask(recordsSlot, key), scope.ask(rateLimitSlot, key), scope.ask(compressionSlot, key)]),
  same: sameSet,
};

/** What has requests told to the control plane. Key: JSON of `PolicyKey`. */
const recordsSlot: Step<XdsResource> = {
  name: "discovery/records",
  run: (scope, key) => {
    const learn = scope.ask(learning, key);
    const filters = [...(learn.on ? [learnFilter()] : []), ...tapFilters(scope.ask(taps, key))];
    return slot(filterChainNamed(recordsSlotName, filters), learn.origins);
  },
  same: sameResource,
};

/** Key: JSON of `PolicyKey`. */
const rateLimitSlot: Step<XdsResource> = {
  name: "discovery/rateLimits",
  run: (scope, key) => {
    const { rules, origins } = scope.ask(rateLimits, key);
    return slot(policyChain("rateLimits", rateLimitFilters(rules)), origins);
  },
  same: sameResource,
};

/** Key: JSON of `PolicyKey`. */
const compressionSlot: Step<XdsResource> = {
  name: "discovery/compression",
  run: (scope, key) => {
    const plan = scope.ask(compression, key);
    return slot(policyChain("compression", plan === undefined ? [] : compressionFilters(plan)), plan?.origins ?? []);
  },
  same: sameResource,
};

function slot(chain: TypedExtensionConfig, origins: readonly string[]): XdsResource {
  return encoded(TypedExtensionConfigSchema, chain.name, chain, origins);
}
