import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { type TypedExtensionConfig, TypedExtensionConfigSchema } from "../gen/envoy/config/core/v3/extension_pb.js";
import { FilterChainConfigSchema } from "../gen/envoy/extensions/filters/http/filter_chain/v3/filter_chain_pb.js";
import { packed } from "./any.ts";

/** Type of a filter that is a list of filters: what comes, goes or changes in it leaves the listener and its connections as they are. */
export const chainType = "type.googleapis.com/envoy.extensions.filters.http.filter_chain.v3.FilterChainConfig";

/** One filter of a list. */
export interface NamedFilter {
  readonly name: string;
  readonly config: Any;
}

/** A list of filters, in the order of the request; without filters it costs nothing. */
export function filterChainNamed(name: string, filters: readonly NamedFilter[]): TypedExtensionConfig {
  const chain = filters.map((filter) => ({ name: filter.name, typedConfig: filter.config }));
  return create(TypedExtensionConfigSchema, {
    name,
    typedConfig: packed(FilterChainConfigSchema, chain.length === 0 ? {} : { defaultFilterChain: { filters: chain } }),
  });
}
