import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { type TypedExtensionConfig, TypedExtensionConfigSchema } from "../../gen/envoy/config/core/v3/extension_pb.js";
import { FilterChainConfigSchema } from "../../gen/envoy/extensions/filters/http/filter_chain/v3/filter_chain_pb.js";
import {
  type HttpFilter,
  HttpFilterSchema,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { packed } from "../any.ts";
import { discovered } from "../security/authorization-slot.ts";

/**
 * Where limits and compression of a workload or gateway stand in its listener, after its authorization. Each is apart: what is configured anew
 * counts anew.
 */
const policySlots = { rateLimits: "rate-limits-http", compression: "compression-http" } as const;

const chainType = "type.googleapis.com/envoy.extensions.filters.http.filter_chain.v3.FilterChainConfig";

/** Filters that are lists of filters, discovered: what comes, goes or changes in them leaves the listener and its connections as they are. */
export function httpPolicies(): readonly HttpFilter[] {
  return Object.values(policySlots).map((name) =>
    create(HttpFilterSchema, { name, configType: { case: "configDiscovery", value: discovered(chainType) } }),
  );
}

/** One filter of a slot. */
export interface PolicyFilter {
  readonly name: string;
  readonly config: Any;
}

/** What a slot holds, in the order of the request; without filters it costs nothing. */
export function policyChain(slot: keyof typeof policySlots, filters: readonly PolicyFilter[]): TypedExtensionConfig {
  const chain = filters.map(({ name, config }) => ({ name, typedConfig: config }));
  return create(TypedExtensionConfigSchema, {
    name: policySlots[slot],
    typedConfig: packed(FilterChainConfigSchema, chain.length === 0 ? {} : { defaultFilterChain: { filters: chain } }),
  });
}
