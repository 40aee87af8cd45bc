import { create } from "@bufbuild/protobuf";
import {
  type ListenerFilter,
  type ListenerFilterChainMatchPredicate,
  ListenerFilterChainMatchPredicate_MatchSetSchema,
  ListenerFilterChainMatchPredicateSchema,
  ListenerFilterSchema,
} from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import { HttpInspectorSchema } from "../../gen/envoy/extensions/filters/listener/http_inspector/v3/http_inspector_pb.js";
import { OriginalDstSchema } from "../../gen/envoy/extensions/filters/listener/original_dst/v3/original_dst_pb.js";
import { ProxyProtocolSchema } from "../../gen/envoy/extensions/filters/listener/proxy_protocol/v3/proxy_protocol_pb.js";
import { TlsInspectorSchema } from "../../gen/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector_pb.js";
import { Int32RangeSchema } from "../../gen/envoy/type/v3/range_pb.js";
import { packed } from "../any.ts";

/** Restores the address that was called before the kernel's redirect. */
export function originalDestination(): ListenerFilter {
  return create(ListenerFilterSchema, {
    name: "envoy.filters.listener.original_dst",
    configType: { case: "typedConfig", value: packed(OriginalDstSchema, {}) },
  });
}

/** Takes the client's address from the PROXY header (version 1 or 2) that each connection opens with. */
export function proxyProtocol(): ListenerFilter {
  return create(ListenerFilterSchema, {
    name: "envoy.filters.listener.proxy_protocol",
    configType: { case: "typedConfig", value: packed(ProxyProtocolSchema, {}) },
  });
}

/** Ports on which a filter works: only some, or all but some. It waits for the client's first bytes, so it is off where nothing depends on it. */
export type Ports = { readonly on: readonly number[] } | { readonly off: readonly number[] };

const everywhere: Ports = { off: [] };

/** Reads SNI and ALPN of a TLS hello. */
export function tlsInspector(ports: Ports = everywhere): ListenerFilter {
  return create(ListenerFilterSchema, {
    name: "envoy.filters.listener.tls_inspector",
    configType: { case: "typedConfig", value: packed(TlsInspectorSchema, {}) },
    ...disabled(ports),
  });
}

/** Tells HTTP from other bytes. */
export function httpInspector(ports: Ports = everywhere): ListenerFilter {
  return create(ListenerFilterSchema, {
    name: "envoy.filters.listener.http_inspector",
    configType: { case: "typedConfig", value: packed(HttpInspectorSchema, {}) },
    ...disabled(ports),
  });
}

type Rule = ListenerFilterChainMatchPredicate["rule"];

function disabled(ports: Ports): { filterDisabled?: ListenerFilterChainMatchPredicate } {
  if ("on" in ports) return { filterDisabled: predicate({ case: "notMatch", value: anyOf(ports.on) }) };
  return ports.off.length === 0 ? {} : { filterDisabled: anyOf(ports.off) };
}

function anyOf(ports: readonly number[]): ListenerFilterChainMatchPredicate {
  const rules = ports.map((port) => {
    const value = create(Int32RangeSchema, { start: port, end: port + 1 });
    return predicate({ case: "destinationPortRange", value });
  });
  const [only] = rules;
  if (only !== undefined && rules.length === 1) return only;
  const value = create(ListenerFilterChainMatchPredicate_MatchSetSchema, { rules });
  return predicate({ case: "orMatch", value });
}

function predicate(rule: Rule): ListenerFilterChainMatchPredicate {
  return create(ListenerFilterChainMatchPredicateSchema, { rule });
}
