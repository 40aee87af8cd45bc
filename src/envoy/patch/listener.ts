import { create } from "@bufbuild/protobuf";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import {
  type Filter,
  type FilterChain,
  FilterChainSchema,
  FilterSchema,
  ListenerFilterSchema,
} from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import { type Listener, ListenerSchema } from "../../gen/envoy/config/listener/v3/listener_pb.js";
import {
  HttpConnectionManagerSchema,
  HttpFilterSchema,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { httpStands, isNamed, networkStands, withStands } from "./anchors.ts";
import { patchFilters } from "./filters.ts";
import { isChain, isListener } from "./listener-match.ts";
import { mergeInto, type Patching, patchesTo, type ReadyPatch, valueOf } from "./patch.ts";
import { patchRoutes } from "./route.ts";

/** A listener after all patches of its context; undefined where one removes it. May change the one that it was given. */
export function patchListener(listener: Listener, at: Patching): Listener | undefined {
  const meant = (ready: ReadyPatch) => isListener(listener, ready.patch);
  for (const ready of patchesTo("LISTENER", at).filter(meant)) {
    if (ready.patch.operation === "REMOVE") {
      at.hit(ready.patch);
      return undefined;
    }
    mergeInto(ListenerSchema, listener, ready, at);
  }
  listener.listenerFilters = patchFilters(
    withStands(listener.listenerFilters, [], (name) => create(ListenerFilterSchema, { name })),
    {
      desc: ListenerFilterSchema,
      endsChain: false,
      patches: patchesTo("LISTENER_FILTER", at).filter(meant),
      anchorOf: ({ patch }) => patch.match.listener?.listenerFilter || undefined,
    },
    at,
  );
  listener.filterChains = listener.filterChains.flatMap((chain) => patchChain(listener, chain, at) ?? []);
  if (listener.defaultFilterChain !== undefined) {
    const patched = patchChain(listener, listener.defaultFilterChain, at);
    if (patched === undefined) delete listener.defaultFilterChain;
  }
  for (const ready of patchesTo("FILTER_CHAIN", at).filter(meant)) {
    if (ready.patch.operation !== "ADD") continue;
    listener.filterChains.push(valueOf(FilterChainSchema, ready));
    at.hit(ready.patch);
  }
  return listener;
}

/** Listeners that patches add. One for any context is added once: beside those that lead out. */
export function addedListeners(at: Patching): readonly Listener[] {
  return patchesTo("LISTENER", at).flatMap((ready) => {
    if (ready.patch.operation !== "ADD" || (ready.patch.context === "ANY" && at.context === "SIDECAR_INBOUND"))
      return [];
    at.hit(ready.patch);
    return [valueOf(ListenerSchema, ready)];
  });
}

function patchChain(listener: Listener, chain: FilterChain, at: Patching): FilterChain | undefined {
  const meant = ({ patch }: ReadyPatch) => isListener(listener, patch) && isChain(listener, chain, patch);
  for (const ready of patchesTo("FILTER_CHAIN", at).filter(meant)) {
    if (ready.patch.operation === "REMOVE") {
      at.hit(ready.patch);
      return undefined;
    }
    mergeInto(FilterChainSchema, chain, ready, at);
  }
  chain.filters = patchFilters(
    withStands(chain.filters, networkStands, (name) => create(FilterSchema, { name })),
    {
      desc: FilterSchema,
      endsChain: true,
      patches: patchesTo("NETWORK_FILTER", at).filter(meant),
      anchorOf: ({ patch }) => patch.match.listener?.filterChain?.filter?.name || undefined,
    },
    at,
  );
  const ofRequests = patchesTo("HTTP_FILTER", at).filter(meant);
  for (const filter of chain.filters) patchRequests(filter, ofRequests, at);
  return chain;
}

/** What is inside a filter that reads HTTP: its own filters, and the routes that it holds itself. */
function patchRequests(filter: Filter, ofChain: readonly ReadyPatch[], at: Patching): void {
  if (filter.configType.case !== "typedConfig") return;
  const manager = anyUnpack(filter.configType.value, HttpConnectionManagerSchema);
  if (manager === undefined) return;
  const patches = ofChain.filter(({ patch }) => {
    const wanted = patch.match.listener?.filterChain?.filter?.name;
    return !wanted || isNamed(filter, wanted);
  });
  manager.httpFilters = patchFilters(
    withStands(manager.httpFilters, httpStands, (name) => create(HttpFilterSchema, { name })),
    {
      desc: HttpFilterSchema,
      endsChain: true,
      patches,
      anchorOf: ({ patch }) => patch.match.listener?.filterChain?.filter?.subFilter?.name || undefined,
    },
    at,
  );
  const { routeSpecifier: routes } = manager;
  if (routes.case === "routeConfig")
    manager.routeSpecifier = { case: "routeConfig", value: patchRoutes(routes.value, at) };
  filter.configType = { case: "typedConfig", value: anyPack(HttpConnectionManagerSchema, manager) };
}
