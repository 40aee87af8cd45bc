import { compressionFilters } from "../../envoy/policy/compression.ts";
import { policyChain } from "../../envoy/policy/slot.ts";
import { TypedExtensionConfigSchema } from "../../gen/envoy/config/core/v3/extension_pb.js";
import { compression } from "../../plan/policy/compression.ts";
import type { Step } from "../../track/scope.ts";
import type { ResourceSet } from "../../xds/resource.ts";
import { encoded, sameSet, setOf } from "./encoded.ts";

/** The limits and the compression of a workload or gateway: one list of filters. Key: JSON of `PolicyKey`. */
export const policySet: Step<ResourceSet> = {
  name: "discovery/policies",
  run: (scope, key) => {
    const smaller = scope.ask(compression, key);
    const chain = policyChain(smaller === undefined ? [] : compressionFilters(smaller));
    return setOf([encoded(TypedExtensionConfigSchema, chain.name, chain, smaller?.origins ?? [])]);
  },
  same: sameSet,
};
