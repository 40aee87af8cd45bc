import { create, type DescMessage } from "@bufbuild/protobuf";
import { type Any, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import {
  ApiVersion,
  type ExtensionConfigSource,
  ExtensionConfigSourceSchema,
} from "../../gen/envoy/config/core/v3/config_source_pb.js";
import {
  type Filter,
  type FilterChain,
  FilterSchema,
} from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import type { Listener } from "../../gen/envoy/config/listener/v3/listener_pb.js";
import { RBAC_Action } from "../../gen/envoy/config/rbac/v3/rbac_pb.js";
import { LuaSchema } from "../../gen/envoy/extensions/filters/http/lua/v3/lua_pb.js";
import { RBACSchema as HttpRbacSchema } from "../../gen/envoy/extensions/filters/http/rbac/v3/rbac_pb.js";
import { WasmSchema as HttpWasmSchema } from "../../gen/envoy/extensions/filters/http/wasm/v3/wasm_pb.js";
import {
  HttpConnectionManagerSchema,
  HttpFilterSchema,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { RBACSchema as TcpRbacSchema } from "../../gen/envoy/extensions/filters/network/rbac/v3/rbac_pb.js";
import { WasmSchema as TcpWasmSchema } from "../../gen/envoy/extensions/filters/network/wasm/v3/wasm_pb.js";
import type { ExtensionSlot, Phase } from "../../plan/extension/extension.ts";
import { duration, packed } from "../any.ts";
import { httpStands, isNamed, networkStands, withStands } from "../patch/anchors.ts";
import { destinationPort, listenerContext, portOf } from "../patch/listener-match.ts";

/** The filter that each phase comes before; the last phase comes after those before it. */
const httpPlaces: Readonly<Record<Phase, string>> = {
  AUTHN: "envoy.filters.http.jwt_authn",
  AUTHZ: "envoy.filters.http.rbac",
  STATS: "envoy.filters.http.grpc_stats",
  UNSPECIFIED: "envoy.filters.http.grpc_stats",
};
const networkPlaces: Readonly<Record<Phase, string>> = {
  AUTHN: "istio_authn",
  AUTHZ: "envoy.filters.network.rbac",
  STATS: "istio.stats",
  UNSPECIFIED: "istio.stats",
};
const phases: readonly Phase[] = ["AUTHN", "AUTHZ", "STATS", "UNSPECIFIED"];

/** Gives extensions their places in a listener; tells which of them are in it. May change the listener that it was given. */
export function extendListener(
  listener: Listener,
  slots: readonly ExtensionSlot[],
  router: boolean,
): readonly ExtensionSlot[] {
  const inbound = !router && listenerContext(listener) === "SIDECAR_INBOUND";
  const placed = new Set<ExtensionSlot>();
  const chains = [...listener.filterChains, ...(listener.defaultFilterChain ? [listener.defaultFilterChain] : [])];
  for (const chain of chains) {
    const port = (inbound ? destinationPort(listener, chain) : undefined) ?? portOf(listener);
    const own = slots.filter((slot) => isFor(slot, inbound ? "SERVER" : "CLIENT", port));
    for (const slot of extendChain(chain, own)) placed.add(slot);
  }
  return slots.filter((slot) => placed.has(slot));
}

function isFor({ match }: ExtensionSlot, mode: "CLIENT" | "SERVER", port: number): boolean {
  const fits = (m: ExtensionSlot["match"][number]) =>
    (m.mode === mode || m.mode === "CLIENT_AND_SERVER") && (m.ports.length === 0 || m.ports.includes(port));
  return match.length === 0 || match.some(fits);
}

function extendChain(chain: FilterChain, slots: readonly ExtensionSlot[]): readonly ExtensionSlot[] {
  const tcp = slots.filter((slot) => slot.protocol === "tcp");
  const http = slots.filter((slot) => slot.protocol === "http");
  const managed = chain.filters.some((filter) => extendRequests(filter, http));
  if (tcp.length > 0) {
    const anchored = withStands(chain.filters, networkStands, (name) => create(FilterSchema, { name }));
    const make = (slot: ExtensionSlot) =>
      create(FilterSchema, { name: slot.name, configType: { case: "configDiscovery", value: discovered(slot) } });
    chain.filters = anchored.without(placed(anchored.filters, tcp, networkPlaces, make));
  }
  return managed ? slots : tcp;
}

/** Whether the filter reads requests, and they pass an extension now. */
function extendRequests(filter: Filter, slots: readonly ExtensionSlot[]): boolean {
  if (slots.length === 0 || filter.configType.case !== "typedConfig") return false;
  const manager = anyUnpack(filter.configType.value, HttpConnectionManagerSchema);
  if (manager === undefined) return false;
  const anchored = withStands(manager.httpFilters, httpStands, (name) => create(HttpFilterSchema, { name }));
  const make = (slot: ExtensionSlot) =>
    create(HttpFilterSchema, { name: slot.name, configType: { case: "configDiscovery", value: discovered(slot) } });
  manager.httpFilters = anchored.without(placed(anchored.filters, slots, httpPlaces, make));
  filter.configType = { case: "typedConfig", value: anyPack(HttpConnectionManagerSchema, manager) };
  return true;
}

function placed<T extends { readonly name: string }>(
  filters: readonly T[],
  slots: readonly ExtensionSlot[],
  places: Readonly<Record<Phase, string>>,
  make: (slot: ExtensionSlot) => T,
): readonly T[] {
  return phases.reduce((all, phase) => {
    const own = slots.filter((slot) => slot.phase === phase).map(make);
    const at = all.findIndex((filter) => isNamed(filter, places[phase]));
    return all.toSpliced(at < 0 ? all.length : at, 0, ...own);
  }, filters);
}

/** All that may stand in a place: a script may become a module. */
const httpTypes: readonly DescMessage[] = [LuaSchema, HttpWasmSchema, HttpRbacSchema];
const tcpTypes: readonly DescMessage[] = [TcpWasmSchema, TcpRbacSchema];

/** Its settings come by discovery. While there are none that work, traffic is let through or refused. */
function discovered({ protocol, failOpen }: ExtensionSlot): ExtensionConfigSource {
  return create(ExtensionConfigSourceSchema, {
    configSource: {
      configSourceSpecifier: { case: "ads", value: {} },
      resourceApiVersion: ApiVersion.V3,
      initialFetchTimeout: duration(0),
    },
    defaultConfig: withoutExtension(protocol, failOpen),
    typeUrls: (protocol === "http" ? httpTypes : tcpTypes).map(({ typeName }) => `type.googleapis.com/${typeName}`),
  });
}

/** What stands where an extension cannot be: nothing, or a refusal of everything. */
export function withoutExtension(protocol: "http" | "tcp", failOpen: boolean): Any {
  const rules = failOpen ? {} : { rules: { action: RBAC_Action.ALLOW, policies: {} } };
  return protocol === "http"
    ? packed(HttpRbacSchema, rules)
    : packed(TcpRbacSchema, { ...rules, statPrefix: "extension." });
}
