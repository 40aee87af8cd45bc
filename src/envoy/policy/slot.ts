import { create } from "@bufbuild/protobuf";
import type { TypedExtensionConfig } from "../../gen/envoy/config/core/v3/extension_pb.js";
import {
  type HttpFilter,
  HttpFilterSchema,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { chainType, filterChainNamed, type NamedFilter } from "../filter-chain.ts";
import { discovered } from "../security/authorization-slot.ts";

/**
 * Where limits and compression of a workload or gateway stand in its listener, after its authorization. Each is apart: what is configured anew
 * counts anew.
 */
const policySlots = { rateLimits: "rate-limits-http", compression: "compression-http" } as const;

/** Filters that are lists of filters, discovered: what comes, goes or changes in them leaves the listener and its connections as they are. */
export function httpPolicies(): readonly HttpFilter[] {
  return Object.values(policySlots).map((name) =>
    create(HttpFilterSchema, { name, configType: { case: "configDiscovery", value: discovered(chainType) } }),
  );
}

/** What a slot holds. */
export function policyChain(slot: keyof typeof policySlots, filters: readonly NamedFilter[]): TypedExtensionConfig {
  return filterChainNamed(policySlots[slot], filters);
}
