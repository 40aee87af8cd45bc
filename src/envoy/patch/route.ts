import {
  type Route,
  RouteSchema,
  type VirtualHost,
  VirtualHostSchema,
} from "../../gen/envoy/config/route/v3/route_components_pb.js";
import { type RouteConfiguration, RouteConfigurationSchema } from "../../gen/envoy/config/route/v3/route_pb.js";
import type { EnvoyConfigObjectMatchRouteConfiguration as Wanted } from "../../gen/istio/envoy-filter.ts";
import { scopeMetadata } from "../route/table.ts";
import { changedItems } from "./items.ts";
import { mergeInto, type Patching, patchesTo, type ReadyPatch, valueOf } from "./patch.ts";

/** A table of routes after all patches of its context. May change the one that it was given. */
export function patchRoutes(table: RouteConfiguration, at: Patching): RouteConfiguration {
  const meant = (ready: ReadyPatch) => isTable(table.name, ready.patch.match.routeConfiguration, at);
  const own = table.virtualHosts.map((host) => host.metadata?.filterMetadata[scopeMetadata]).find((m) => m);
  for (const ready of patchesTo("ROUTE_CONFIGURATION", at).filter(meant))
    mergeInto(RouteConfigurationSchema, table, ready, at);
  const hosts = patchesTo("VIRTUAL_HOST", at).filter(meant);
  const routes = patchesTo("HTTP_ROUTE", at).filter(meant);
  const kept = table.virtualHosts.flatMap((host) => {
    const patched = patchHost(host, hosts, at);
    if (patched !== undefined) patchHostRoutes(patched, routes, at);
    return patched ?? [];
  });
  const added = hosts.filter(({ patch }) => patch.operation === "ADD" && takesHosts(table.name, patch.match));
  for (const { patch } of added) at.hit(patch);
  table.virtualHosts = [...kept, ...added.map((ready) => valueOf(VirtualHostSchema, ready))];
  // How a sidecar finds the table again is no patch's business.
  if (own !== undefined)
    for (const host of table.virtualHosts)
      host.metadata = {
        $typeName: "envoy.config.core.v3.Metadata",
        typedFilterMetadata: {},
        ...host.metadata,
        filterMetadata: { ...host.metadata?.filterMetadata, [scopeMetadata]: own },
      };
  return table;
}

/** A sidecar's table of a service has requests for this service alone: another host belongs to the table of all others, unless this one is named. */
function takesHosts(name: string, { routeConfiguration: wanted }: ReadyPatch["patch"]["match"]): boolean {
  const bar = name.indexOf("|");
  return bar < 0 || name.startsWith("inbound|") || name.endsWith("|*") || wanted?.name === name;
}

function patchHost(host: VirtualHost, patches: readonly ReadyPatch[], at: Patching): VirtualHost | undefined {
  let patched = host;
  for (const ready of patches) {
    const { operation, match } = ready.patch;
    if (!isHost(patched, match.routeConfiguration?.vhost)) continue;
    if (operation === "REMOVE" || operation === "REPLACE") {
      at.hit(ready.patch);
      if (operation === "REMOVE") return undefined;
      patched = valueOf(VirtualHostSchema, ready);
    } else mergeInto(VirtualHostSchema, patched, ready, at);
  }
  return patched;
}

function patchHostRoutes(host: VirtualHost, patches: readonly ReadyPatch[], at: Patching): void {
  const meant = patches.filter(({ patch }) => isHost(host, patch.match.routeConfiguration?.vhost));
  for (const ready of meant)
    for (const route of host.routes) if (isRoute(route, ready)) mergeInto(RouteSchema, route, ready, at);
  for (const ready of meant) {
    const { operation, match } = ready.patch;
    const named = match.routeConfiguration?.vhost?.route !== undefined || operation === "REMOVE";
    // To be the first, if there is such a route at all.
    if (operation === "INSERT_FIRST" && named && !host.routes.some((r) => isRoute(r, ready))) continue;
    const make = () => valueOf(RouteSchema, ready);
    const anchor = named ? { anchor: (route: Route) => isRoute(route, ready) } : {};
    const changed = changedItems(host.routes, { operation, make, ...anchor });
    if (changed === undefined) continue;
    host.routes = changed;
    at.hit(ready.patch);
  }
}

/**
 * Whether a patch is for a table. A sidecar's are called `9080|HOST`, one for each service of a port: `9080` means all of them. A router's are
 * `http.8080` and `https.443.NAME.GATEWAY.NAMESPACE`.
 */
function isTable(name: string, wanted: Wanted | undefined, { context, servicePorts = {} }: Patching): boolean {
  if (wanted === undefined) return true;
  if (context !== "GATEWAY") {
    const port = name.startsWith("inbound|") ? name.split("|")[1] : name.split("|")[0];
    if (wanted.portNumber && String(wanted.portNumber) !== port) return false;
    return !wanted.name || wanted.name === name || (wanted.name === port && !name.startsWith("inbound|"));
  }
  const [scheme, port = "", portName = "", gateway = "", namespace = ""] = name.split(".");
  const secure = scheme === "https";
  const numbers = [Number(port), ...(secure ? [] : (servicePorts[Number(port)] ?? []))];
  if (wanted.portNumber && !numbers.includes(wanted.portNumber)) return false;
  if (wanted.portName && !(secure && wanted.portName === portName)) return false;
  if (wanted.gateway && !(secure && wanted.gateway === `${namespace}/${gateway}`)) return false;
  return !wanted.name || wanted.name === name;
}

function isHost(host: VirtualHost, wanted: Wanted["vhost"]): boolean {
  if (wanted === undefined) return true;
  if (wanted.name && wanted.name !== host.name) return false;
  return !wanted.domainName || host.domains.includes(wanted.domainName) || isCalled(host, wanted.domainName);
}

/** A sidecar's virtual host says `*`, as only requests for it come to it: it goes by the names of its service. */
function isCalled({ name, domains }: VirtualHost, domain: string): boolean {
  if (!(domains.length === 1 && domains[0] === "*")) return false;
  const colon = name.lastIndexOf(":");
  const [host, port] = [name.slice(0, colon), name.slice(colon + 1)];
  const [short, namespace, svc] = host.split(".");
  const aliases = svc === "svc" ? [short, `${short}.${namespace}`, `${short}.${namespace}.svc`, host] : [host];
  return aliases.some((alias) => domain === alias || domain === `${alias}:${port}`);
}

const actions = { route: "ROUTE", redirect: "REDIRECT", directResponse: "DIRECT_RESPONSE" } as const;

function isRoute(route: Route, { patch }: ReadyPatch): boolean {
  const wanted = patch.match.routeConfiguration?.vhost?.route;
  if (wanted === undefined) return true;
  if (wanted.name && wanted.name !== route.name) return false;
  if (wanted.action === undefined || wanted.action === "ANY") return true;
  const action = Object.hasOwn(actions, route.action.case ?? "")
    ? actions[route.action.case as keyof typeof actions]
    : undefined;
  return action === wanted.action;
}
