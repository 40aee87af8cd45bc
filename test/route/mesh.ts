import {
  createRegistry,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  type MessageShape,
  toJson,
} from "@bufbuild/protobuf";
import { parseAllDocuments } from "yaml";
import { routeConfiguration } from "../../src/envoy/route/table.ts";
import { RouteConfigurationSchema } from "../../src/gen/envoy/config/route/v3/route_pb.js";
import { ExtensionWithMatcherSchema } from "../../src/gen/envoy/extensions/common/matching/v3/extension_matcher_pb.js";
import { SkipFilterSchema } from "../../src/gen/envoy/extensions/filters/common/matcher/action/v3/skip_action_pb.js";
import { CorsPolicySchema, CorsSchema } from "../../src/gen/envoy/extensions/filters/http/cors/v3/cors_pb.js";
import { CustomResponseSchema } from "../../src/gen/envoy/extensions/filters/http/custom_response/v3/custom_response_pb.js";
import { HTTPFaultSchema } from "../../src/gen/envoy/extensions/filters/http/fault/v3/fault_pb.js";
import {
  FilterChainConfigPerRouteSchema,
  FilterChainConfigSchema,
} from "../../src/gen/envoy/extensions/filters/http/filter_chain/v3/filter_chain_pb.js";
import { HeaderMutationSchema } from "../../src/gen/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.js";
import { ConfigSchema as HeaderToMetadataSchema } from "../../src/gen/envoy/extensions/filters/http/header_to_metadata/v3/header_to_metadata_pb.js";
import { LuaSchema } from "../../src/gen/envoy/extensions/filters/http/lua/v3/lua_pb.js";
import { RouterSchema } from "../../src/gen/envoy/extensions/filters/http/router/v3/router_pb.js";
import { ConfigSchema as SetFilterStateSchema } from "../../src/gen/envoy/extensions/filters/http/set_filter_state/v3/set_filter_state_pb.js";
import { StatefulSessionPerRouteSchema } from "../../src/gen/envoy/extensions/filters/http/stateful_session/v3/stateful_session_pb.js";
import { HttpConnectionManagerSchema } from "../../src/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { LocalResponsePolicySchema } from "../../src/gen/envoy/extensions/http/custom_response/local_response_policy/v3/local_response_policy_pb.js";
import { HeaderMutationSchema as EarlyHeaderMutationSchema } from "../../src/gen/envoy/extensions/http/early_header_mutation/header_mutation/v3/header_mutation_pb.js";
import { CookieBasedSessionStateSchema } from "../../src/gen/envoy/extensions/http/stateful_session/cookie/v3/cookie_pb.js";
import { HeaderBasedSessionStateSchema } from "../../src/gen/envoy/extensions/http/stateful_session/header/v3/header_pb.js";
import { PreviousHostsPredicateSchema } from "../../src/gen/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts_pb.js";
import { PreviousPrioritiesConfigSchema } from "../../src/gen/envoy/extensions/retry/priority/previous_priorities/v3/previous_priorities_config_pb.js";
import { HttpRequestHeaderMatchInputSchema } from "../../src/gen/envoy/type/matcher/v3/http_inputs_pb.js";
import {
  HttpResponseLocalReplyMatchInputSchema,
  HttpResponseStatusCodeMatchInputSchema,
} from "../../src/gen/envoy/type/matcher/v3/status_code_input_pb.js";
import type { Resource } from "../../src/model/resource.ts";
import { visibleServices } from "../../src/plan/registry.ts";
import { catchAllKey, catchAllViewKey } from "../../src/plan/route/catch-all.ts";
import { outboundKey } from "../../src/plan/route/names.ts";
import { outboundRouteKeys, routeTable } from "../../src/plan/route/outbound.ts";
import { outboundL4Routes } from "../../src/plan/route/outbound-l4.ts";
import { routedPorts, routeScopes } from "../../src/plan/route/scopes.ts";
import type { RouteTable } from "../../src/plan/route/table.ts";
import { type View, viewKey } from "../../src/plan/view.ts";
import type { Tracker } from "../../src/track/tracker.ts";
import { meshConfig, resources, trackerOf } from "../cluster/mesh.ts";

/** Types that stand in an Any of a route or its connection manager. */
const registry = createRegistry(
  CorsPolicySchema,
  CorsSchema,
  CustomResponseSchema,
  HeaderToMetadataSchema,
  FilterChainConfigPerRouteSchema,
  FilterChainConfigSchema,
  HttpResponseLocalReplyMatchInputSchema,
  HttpResponseStatusCodeMatchInputSchema,
  LocalResponsePolicySchema,
  EarlyHeaderMutationSchema,
  ExtensionWithMatcherSchema,
  HTTPFaultSchema,
  HeaderMutationSchema,
  HttpConnectionManagerSchema,
  HttpRequestHeaderMatchInputSchema,
  LuaSchema,
  PreviousHostsPredicateSchema,
  PreviousPrioritiesConfigSchema,
  RouterSchema,
  SetFilterStateSchema,
  SkipFilterSchema,
  StatefulSessionPerRouteSchema,
  CookieBasedSessionStateSchema,
  HeaderBasedSessionStateSchema,
);

/** A message as Envoy's own JSON. */
export function json<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): JsonObject {
  return toJson(schema, message, { registry }) as JsonObject;
}

/** A mesh in YAML. Documents without a kind say who asks (`client: {view}`) and how the mesh is set (`meshConfig`). */
export function meshOf(...texts: readonly string[]): { readonly tracker: Tracker; readonly view: View } {
  const settings = texts.flatMap((text) =>
    parseAllDocuments(text).map(
      (doc) => doc.toJS() as { client?: { view?: Partial<View> }; meshConfig?: Record<string, unknown> } | null,
    ),
  );
  const config = settings.find((s) => s?.meshConfig !== undefined)?.meshConfig;
  const client = settings.find((s) => s?.client !== undefined)?.client;
  const objects: readonly Resource[] = texts.flatMap((text, i) => resources(text, `${i}.yaml`));
  return {
    tracker: trackerOf([...objects, ...(config ? [meshConfig(config)] : [])]),
    view: { kind: "sidecar", namespace: "default", labels: {}, ...client?.view },
  };
}

/** Tables of a view. */
export function tablesOf(tracker: Tracker, view: View): readonly RouteTable[] {
  const own = tracker.ask(outboundRouteKeys, viewKey(view));
  const rest = tracker
    .ask(routedPorts, view.namespace)
    .map((port) => tracker.ask(catchAllKey, catchAllViewKey(view, port)));
  return [...own, ...rest].map((key) => tracker.ask(routeTable, key));
}

/** All of a view as plain JSON: route configurations and scopes in Envoy's words, TCP and TLS routes in the plan's. */
export function configOf(tracker: Tracker, view: View): { readonly [key: string]: JsonValue } {
  const services = tracker.ask(visibleServices, view.namespace);
  const l4 = services.flatMap((s) =>
    s.ports.map((p) => [`${s.host}:${p.number}`, outboundKey(view, p.number, s.host)] as const),
  );
  const layer4 = l4.flatMap(([name, key]) => {
    const { tcp, tls } = tracker.ask(outboundL4Routes, key);
    return tcp.length + tls.length === 0 ? [] : [[name, { tcp, tls } as unknown as JsonValue] as const];
  });
  return {
    tables: Object.fromEntries(
      tablesOf(tracker, view).map((t) => [t.name, json(RouteConfigurationSchema, routeConfiguration(t))]),
    ),
    scopes: Object.fromEntries(tracker.ask(routeScopes, viewKey(view)).map((s) => [s.key, s.routeName])),
    layer4: Object.fromEntries(layer4),
  };
}
