import { create } from "@bufbuild/protobuf";
import {
  type ListenerFilter,
  type ListenerFilterChainMatchPredicate,
  ListenerFilterChainMatchPredicateSchema,
  ListenerFilterSchema,
} from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import { HttpInspectorSchema } from "../../gen/envoy/extensions/filters/listener/http_inspector/v3/http_inspector_pb.js";
import { OriginalDstSchema } from "../../gen/envoy/extensions/filters/listener/original_dst/v3/original_dst_pb.js";
import { TlsInspectorSchema } from "../../gen/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector_pb.js";
import { packed } from "../any.ts";

/** Restores the address that was called before the kernel's redirect. */
export function originalDestination(): ListenerFilter {
  return create(ListenerFilterSchema, {
    name: "envoy.filters.listener.original_dst",
    configType: { case: "typedConfig", value: packed(OriginalDstSchema, {}) },
  });
}

/** Reads SNI and ALPN of a TLS hello. Waits for the client's first bytes: off for ports where the server speaks first. */
export function tlsInspector(offPorts: readonly number[] = []): ListenerFilter {
  return create(ListenerFilterSchema, {
    name: "envoy.filters.listener.tls_inspector",
    configType: { case: "typedConfig", value: packed(TlsInspectorSchema, {}) },
    ...disabled(offPorts),
  });
}

/** Tells HTTP from other bytes. Waits for the client's first bytes: off where nothing depends on it. */
export function httpInspector(offPorts: readonly number[] = []): ListenerFilter {
  return create(ListenerFilterSchema, {
    name: "envoy.filters.listener.http_inspector",
    configType: { case: "typedConfig", value: packed(HttpInspectorSchema, {}) },
    ...disabled(offPorts),
  });
}

function disabled(ports: readonly number[]): { filterDisabled?: ListenerFilterChainMatchPredicate } {
  const rules = ports.map((port) =>
    create(ListenerFilterChainMatchPredicateSchema, {
      rule: { case: "destinationPortRange", value: { start: port, end: port + 1 } },
    }),
  );
  const [only] = rules;
  if (only === undefined) return {};
  if (rules.length === 1) return { filterDisabled: only };
  return {
    filterDisabled: create(ListenerFilterChainMatchPredicateSchema, { rule: { case: "orMatch", value: { rules } } }),
  };
}
